// An OpenID provider (npm oidc-provider) that signs access tokens as JSON web tokens.
//
//   node provider.mjs PORT KEYS     KEYS is a file with a JSON Web Key Set, private halves included
//
// Beside what the library serves, POST /make signs or encrypts whatever the test asks for, with the library jose:
// { claims, header, jwk } makes a signed token; with { encrypt: { header, jwk } } it goes into an encrypted one.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The libraries lie where the test installed them, beside no source of ours.
const require = createRequire(`${process.env.PROVIDER_MODULES}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { default: Provider } = await load('oidc-provider');
const jose = await load('jose');

const [port, keys] = process.argv.slice(2);
const jwks = JSON.parse(readFileSync(keys, 'utf8'));
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  jwks,
  clients: ['client_secret_basic', 'client_secret_post'].map((method) => ({
    client_id: method,
    client_secret: 'a secret, with spaces & signs',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: method,
  })),
  scopes: ['read', 'write'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:orders',
      getResourceServerInfo: () => ({
        scope: 'read write',
        audience: 'orders',
        accessTokenTTL: 600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: jwks.keys[0].alg, kid: jwks.keys[0].kid } },
      }),
    },
  },
});

async function make({ claims, header, jwk, encrypt }) {
  const signed = await new jose.SignJWT(claims).setProtectedHeader(header).sign(await jose.importJWK(jwk, header.alg));
  if (!encrypt) return signed;
  const key = await jose.importJWK(encrypt.jwk, encrypt.header.alg);
  return new jose.CompactEncrypt(new TextEncoder().encode(signed)).setProtectedHeader(encrypt.header).encrypt(key);
}

async function generate({ alg, kid }) {
  const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), alg, kid, use: 'sig' };
}

const serve = provider.callback();
const helpers = { '/make': make, '/generate': generate };
createServer((request, response) => {
  const helper = helpers[request.url];
  if (!helper) return serve(request, response);
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    helper(JSON.parse(body)).then(
      (made) => response.end(JSON.stringify(made)),
      (error) => { response.statusCode = 500; response.end(String(error)); },
    );
  });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
