/** Package → what it may import: our packages, libraries, `node:` for Node's own modules. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contracts: ['valibot'],
  core: [
    '@spec-kitty/contracts',
    'picomatch',
    'jsonc-parser',
    'smol-toml',
    'get-east-asian-width',
    '@noble/hashes',
  ],
  host: ['@spec-kitty/contracts', '@spec-kitty/core', 'node:', 'koffi', 'yaml', 'ws', 'https-proxy-agent'],
  server: [
    '@spec-kitty/contracts',
    'node:',
    'hono',
    '@hono/node-server',
    'ws',
    'valibot',
    // SQLite where Node brings none.
    'libsql',
    // For several servers.
    'postgres',
    'openid-client',
    'prom-client',
  ],
  dashboard: ['@spec-kitty/contracts', '@spec-kitty/core', '@spec-kitty/host', 'node:'],
  cli: [
    '@spec-kitty/contracts',
    '@spec-kitty/core',
    '@spec-kitty/dashboard',
    '@spec-kitty/host',
    '@spec-kitty/server',
    'node:',
    '@stricli/core',
    '@clack/prompts',
    // The type of a result schema.
    'valibot',
  ],
  web: ['@spec-kitty/contracts', 'preact', '@preact/signals', 'micromark', 'micromark-extension-gfm-'],
}
