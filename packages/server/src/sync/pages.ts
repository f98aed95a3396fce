/** The few pages that a person sees while logging in. No script, no cookie: each form carries what it needs. */

export interface Page {
  readonly title: string
  readonly body: string
}

/** Asks for name and password to answer a device login. The code is shown large, to be compared with the terminal. */
export function devicePage(userCode: string, problem?: string): Page {
  return {
    title: 'Connect a device',
    body: `${alert(problem)}<form method="post" action="/device">
<label>Code shown in your terminal <input name="user_code" value="${escapeHtml(userCode)}" required autocomplete="off" autocapitalize="characters" class="code"></label>
<p>Go on only if you started this login yourself and your terminal shows the same code.</p>
${credentials()}
<button name="answer" value="approve">Approve</button> <button name="answer" value="deny">Deny</button>
</form>`,
  }
}

/** Asks for name and password in the browser flow; `fields` are the parameters of the request. */
export function authorizePage(fields: Readonly<Record<string, string>>, problem?: string): Page {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  return {
    title: 'Log in to Spec Kitty',
    body: `${alert(problem)}<p>The Spec Kitty command line on this computer asks for access.</p>
<form method="post" action="/oauth/authorize">${hidden.join('')}
${credentials()}
<button>Log in</button>
</form>`,
  }
}

export function messagePage(title: string, text: string): Page {
  return { title, body: `<p>${escapeHtml(text)}</p>` }
}

/** The whole document. */
export function renderPage({ title, body }: Page): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:10vh auto;padding:0 1rem}label{display:block;margin:.8rem 0}
input{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}.code{font:700 1.4rem ui-monospace,monospace;letter-spacing:.1em}
button{font:inherit;padding:.4rem 1.2rem}[role=alert]{border-left:4px solid #b00;padding-left:.6rem}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>
`
}

function credentials(): string {
  return `<label>Name <input name="name" required autocomplete="username"></label>
<label>Password <input name="password" type="password" required autocomplete="current-password"></label>`
}

function alert(problem: string | undefined): string {
  return problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`)
}
