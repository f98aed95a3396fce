/** The few pages that a person sees while logging in. No script, no cookie: each form carries what it needs. */

export interface Page {
  readonly title: string
  readonly body: string
}

/** Asks for name and password to answer a device login. The code is shown large, to be compared with the terminal. */
export function devicePage(userCode: string, company: boolean, problem?: string): Page {
  return {
    title: 'Connect a device',
    body: `${alert(problem)}${company ? companyLink({ user_code: userCode }) : ''}<form method="post" action="/device">
<label>Code shown in your terminal <input name="user_code" value="${escapeHtml(userCode)}" required autocomplete="off" autocapitalize="characters" class="code"></label>
<p>Go on only if you started this login yourself and your terminal shows the same code.</p>
${credentials()}
<button name="answer" value="approve">Approve</button> <button name="answer" value="deny">Deny</button>
</form>`,
  }
}

/** Asks for name and password in the browser flow; `fields` are the parameters of the request. */
export function authorizePage(
  fields: Readonly<Record<string, string>>,
  company: boolean,
  problem?: string,
): Page {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  return {
    title: 'Log in to Spec Kitty',
    body: `${alert(problem)}<p>The Spec Kitty command line on this computer asks for access.</p>
${company ? companyLink(fields) : ''}<form method="post" action="/oauth/authorize">${hidden.join('')}
${credentials()}
<button>Log in</button>
</form>`,
  }
}

/** Asks who has come back from the company's provider whether the device is theirs. */
export function companyDevicePage(userCode: string, name: string, ticket: string): Page {
  return {
    title: 'Connect a device',
    body: `<p>You are signed in as ${escapeHtml(name)}.</p><p>Your terminal shows this code: <strong class="code">${escapeHtml(userCode)}</strong></p>
<p>Go on only if you started this login yourself and your terminal shows the same code.</p>
<form method="post" action="/sso/device"><input type="hidden" name="ticket" value="${escapeHtml(ticket)}">
<button name="answer" value="approve">Approve</button> <button name="answer" value="deny">Deny</button>
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

/** A link, not a form: what a form may lead to is fixed by the page, the provider's address is not. */
function companyLink(fields: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(fields).toString()
  return `<p><a href="/sso/start?${escapeHtml(query)}">Sign in with your company account</a></p>`
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
