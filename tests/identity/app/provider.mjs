// An OpenID Connect provider as a company runs one: `node provider.mjs PORT REDIRECT_URI`. Whoever is named in
// `login_hint` is signed in there; the first of the accounts, when nobody is.
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const ACCOUNTS = {
  ann: { name: 'Ann', email: 'ann@example.com', email_verified: true, groups: ['reviewers'] },
  ben: { name: 'Ben', email: 'ben@example.com', email_verified: false, groups: ['reviewers'] },
  zoe: { name: 'Zoe', email: 'zoe@example.com', email_verified: true, groups: ['reviewers', 'auditors'] },
  yan: { name: 'Yan', email: 'yan@example.com', email_verified: true, groups: ['gardeners'] },
  // Another person who got Ann's address after her.
  ann2: { name: 'Ann', email: 'ann@example.com', email_verified: true, groups: ['reviewers'] },
};
const client = { client_id: 'handoff', client_secret: 'a-secret-that-only-tests-know', redirect_uris: [redirectUri] };

const provider = new Provider(issuer, {
  clients: [client],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  scopes: ['openid', 'email', 'profile', 'groups'],
  pkce: { required: () => true },
  cookies: { keys: ['only-for-tests'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ACCOUNTS[id] && { accountId: id, claims: () => ({ sub: id, ...ACCOUNTS[id] }) },
  // Nobody is asked whether the companion may know their name.
  loadExistingGrant: async (context) => {
    const grant = new provider.Grant({ clientId: 'handoff', accountId: context.oidc.session.accountId });
    grant.addOIDCScope('openid email profile groups');
    await grant.save();
    return grant;
  },
});

provider.use(async (context, next) => {
  if (!context.path.startsWith('/interaction/')) return next();
  const { params } = await provider.interactionDetails(context.req, context.res);
  const accountId = params.login_hint ?? 'ann';
  const result =
    accountId === 'nobody'
      ? { error: 'access_denied', error_description: 'Not today.' }
      : { login: { accountId, remember: false } };
  await provider.interactionFinished(context.req, context.res, result);
  context.respond = false;
});

createServer(provider.callback()).listen(Number(port), 'localhost');
