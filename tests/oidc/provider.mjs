// A certified OpenID provider on a loopback port, as a hospital might run one. What it is told comes as one
// line of JSON on standard input; it says where it listens in one line, and ends when its input ends.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { Provider } from 'oidc-provider';

const lines = createInterface({ input: process.stdin });
const told = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);

const server = createServer();
await new Promise((done) => server.listen(told.port, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  jwks: told.jwks,
  clients: told.clients,
  cookies: { keys: ['only for tests'] },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'RS384', 'ES256', 'ES384', 'HS256'] },
  scopes: ['openid', 'offline_access', 'patients.read', 'patients.write'],
  // whoever signs in as `may@south` means to act there
  extraTokenClaims: (_, token) => {
    const site = (token.accountId ?? '').split('@')[1];
    return site ? { careway_site: site } : undefined;
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  features: {
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        audience: resource,
        scope: 'patients.read patients.write',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
        jwt: { sign: { alg: told.sign } },
      }),
    },
  },
});
server.on('request', provider.callback());
console.log(`listening ${issuer}`);
for await (const _ of lines); // until whoever started us is gone
process.exit(0);
