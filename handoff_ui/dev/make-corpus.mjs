// Writes tests/corpora/tokens.json of the checkout: tokens with the answer that every verifier must give (security row
// J10). `node dev/make-corpus.mjs` makes it anew, with new keys; the file is what both verifiers are held to.
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const NOW_S = 1_795_248_000;
const SUBJECT = 'ho_00corpus00000000000000000000';
const OTHER = 'ho_00other000000000000000000000';
const ISSUER = 'https://handoff.example';
const DIGEST = `sha256:${'ab'.repeat(32)}`;

const b64 = (data) => Buffer.from(data).toString('base64url');
const pair = (curve = 'P-256') => generateKeyPairSync('ec', { namedCurve: curve });
const jwkOf = (key, kid, more = {}) => {
  const { kty, crv, x, y } = key.publicKey.export({ format: 'jwk' });
  return { kty, crv, x, y, kid, alg: 'ES256', use: 'sig', ...more };
};
const without = (value, name) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
const ieee = (key, text) => sign('sha256', Buffer.from(text), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });

const [current, next, stranger, misused] = [pair(), pair(), pair(), pair()];
const jwks = {
  keys: [
    jwkOf(current, 'current'),
    jwkOf(next, 'next'),
    jwkOf(misused, 'es384', { alg: 'ES384' }),
    without(jwkOf(misused, 'no-alg'), 'alg'),
    jwkOf(misused, 'encrypts', { use: 'enc' }),
    jwkOf(misused, 'with-private', { d: 'AAAA' }),
    { ...jwkOf(misused, 'off-curve'), y: b64(Buffer.alloc(32, 7)) },
  ],
};

const HEADER = { alg: 'ES256', kid: 'current', typ: 'handoff+jwt' };
const CLAIMS = {
  aud: 'page',
  exp: NOW_S + 600,
  iat: NOW_S - 300,
  iss: ISSUER,
  jti: 'corpus_1-A',
  package: { handoff_id: SUBJECT, model_output: { text: 'Größe 42 “ok” 👍' }, request: [1, 0.5, -3e-7, true, null] },
  package_digest: DIGEST,
  role: 'approver',
  sub: SUBJECT,
  view_digest: DIGEST,
};

/** A token of a header and a payload; texts go in as they are. */
function token(header = HEADER, payload = CLAIMS, key = current) {
  const parts = [header, payload].map((part) =>
    b64(typeof part === 'object' && !Buffer.isBuffer(part) ? JSON.stringify(part) : part),
  );
  return `${parts.join('.')}.${b64(ieee(key, parts.join('.')))}`;
}
const claims = (more) => ({ ...CLAIMS, ...more });
/** The payload as text with one claim written in another way. */
const written = (name, text) => JSON.stringify(claims({ [name]: 'HERE' })).replace('"HERE"', text);
/** A header with a kid of letters, and of signs that are escaped as two halves each. */
const escapedKid = (letters, signs) =>
  JSON.stringify({ ...HEADER, kid: `${'a'.repeat(letters)}HERE` }).replace('HERE', '\\ud83d\\udc4d'.repeat(signs));
const numbered = (many) => Object.fromEntries(Array.from({ length: many }, (_, at) => [`m${at}`, at]));
const nested = (depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const cases = [];
/** Of a good token also what is read in it: the digest of the package's one canonical text (RFC 8785). */
const reads = (made) => {
  const { package: content } = JSON.parse(Buffer.from(made.split('.')[1], 'base64url').toString());
  return createHash('sha256').update(canonical(content)).digest('hex');
};
const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
};
const add = (row, name, made, verdict) =>
  cases.push({ row, name, token: made, verdict, ...(verdict === 'ok' && { reads: reads(made) }) });
const GOOD = token();
const [GOOD_HEADER, GOOD_PAYLOAD, GOOD_SIGNATURE] = GOOD.split('.');

add('J10', 'good', GOOD, 'ok');
add('J9', 'good, by the next key', token({ ...HEADER, kid: 'next' }, CLAIMS, next), 'ok');
add('J6', 'good, with nbf', token(HEADER, claims({ nbf: NOW_S })), 'ok');
add('J6', 'good, whole seconds as float', token(HEADER, written('exp', `${NOW_S + 5}.0`)), 'ok');
add('J6', 'good, ends in a second', token(HEADER, claims({ exp: NOW_S + 1 })), 'ok');
add('J6', 'good, a minute ahead', token(HEADER, claims({ iat: NOW_S + 60 })), 'ok');
add('J7', 'good, 32 deep', token(HEADER, written('package', `{"a":${nested(30)}}`)), 'ok');
add('J7', 'good, brackets in text', token(HEADER, claims({ package: { a: '[['.repeat(40) } })), 'ok');
add('J7', 'good, member names as text', token(HEADER, claims({ package: { a: '"b":1,"b":2', __proto__x: 1 } })), 'ok');
add('J7', 'good, __proto__ as a member', token(HEADER, written('package', '{"__proto__":{"a":1}}')), 'ok');
add(
  'J7',
  'good, long but exact number',
  token(HEADER, written('package', '{"n":[1e21,0.1,123456789012345680000,5e-324,1.50]}')),
  'ok',
);

for (const alg of [
  'none',
  'None',
  'NONE',
  'es256',
  'ES256 ',
  'HS256',
  'ES384',
  'EdDSA',
  'RS256',
  null,
  0,
  true,
  [],
  {},
  ['ES256'],
]) {
  const verdict =
    typeof alg === 'object' && alg !== null && alg.length !== 0 && !Array.isArray(alg) ? 'token_malformed' : null;
  const deep = typeof alg === 'object' && alg !== null;
  add(
    'J1',
    `alg ${JSON.stringify(alg)}`,
    token({ ...HEADER, alg }),
    deep ? 'token_malformed' : (verdict ?? 'token_algorithm'),
  );
}
add('J1', 'no alg', token(without(HEADER, 'alg')), 'token_algorithm');
add(
  'J1',
  'alg none, empty signature',
  `${b64(JSON.stringify({ ...HEADER, alg: 'none' }))}.${GOOD_PAYLOAD}.`,
  'token_malformed',
);
const publicJwk = JSON.stringify(jwks.keys[0]);
const publicPem = current.publicKey.export({ type: 'spki', format: 'pem' });
const publicDer = current.publicKey.export({ type: 'spki', format: 'der' });
for (const [name, secret] of [
  ['JWK', publicJwk],
  ['PEM', publicPem],
  ['DER', publicDer],
]) {
  const text = `${b64(JSON.stringify({ ...HEADER, alg: 'HS256' }))}.${GOOD_PAYLOAD}`;
  const mac = createHmac('sha512', secret).update(text).digest();
  add('J1', `HS keyed with our ${name}`, `${text}.${b64(mac)}`, 'token_algorithm');
}
for (const kid of ['es384', 'no-alg', 'encrypts', 'with-private', 'off-curve']) {
  add('J2', `key ${kid}`, token({ ...HEADER, kid }, CLAIMS, misused), 'token_key_unknown');
}
for (const name of ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'cty', 'nonce']) {
  add('J3', `header ${name}`, token({ ...HEADER, [name]: 'https://evil.example' }), 'token_header');
}
add('J3', 'header crit as list', token({ ...HEADER, crit: ['exp'] }), 'token_malformed');
for (const kid of [
  '../current',
  "' OR 1=1 --",
  'a\r\nb',
  'a'.repeat(65),
  'current\0',
  'unknown',
  '',
  'cürrent',
  ' current',
  null,
  7,
  true,
]) {
  add('J4', `kid ${JSON.stringify(kid).slice(0, 20)}`, token({ ...HEADER, kid }), 'token_key_unknown');
}
add('J4', 'kid of 128 characters', token({ ...HEADER, kid: 'a'.repeat(128) }), 'token_key_unknown');
add('J4', 'kid of 129 characters', token({ ...HEADER, kid: 'a'.repeat(129) }), 'token_malformed');
add(
  'J4',
  'kid of 100 signs that take two units each',
  token({ ...HEADER, kid: '👍'.repeat(100) }),
  'token_key_unknown',
);
add('J4', 'kid that is longer escaped', token(escapedKid(120, 5)), 'token_malformed');
add('J4', 'kid as list', token({ ...HEADER, kid: ['current'] }), 'token_malformed');
add('J4', 'no kid', token(without(HEADER, 'kid')), 'token_header');
for (const typ of ['JWT', 'handoff+JWT', 'application/handoff+jwt', 'handoff-link+jwt', 'at+jwt', '', null, 1]) {
  add('J5', `typ ${JSON.stringify(typ)}`, token({ ...HEADER, typ }), 'token_type');
}
add('J5', 'no typ', token(without(HEADER, 'typ')), 'token_type');

for (const name of ['exp', 'iat', 'nbf']) {
  if (name !== 'nbf') add('J6', `no ${name}`, token(HEADER, without(CLAIMS, name)), 'token_claims');
  for (const text of [
    '"1795248300"',
    'null',
    'true',
    '[1795248300]',
    '{}',
    '-1',
    '1795248300.5',
    '253402300800',
    '1e15',
  ]) {
    add('J6', `${name} ${text}`, token(HEADER, written(name, text)), 'token_claims');
  }
  add('J6', `${name} 1e999`, token(HEADER, written(name, '1e999')), 'token_malformed');
}
for (const [name, text, verdict] of [
  ['aud', '["page"]', 'token_claims'],
  ['aud', '"page/"', 'token_audience'],
  ['aud', '"n8n"', 'token_audience'],
  ['aud', '"Page"', 'token_audience'],
  ['aud', 'null', 'token_claims'],
  ['iss', '"https://handoff.example/"', 'token_issuer'],
  ['iss', '["https://handoff.example"]', 'token_claims'],
  ['sub', `"${OTHER}"`, 'token_subject'],
  ['sub', '"ho_"', 'token_claims'],
  ['sub', 'null', 'token_claims'],
  ['jti', '7', 'token_claims'],
  ['jti', '""', 'token_claims'],
  ['jti', '"a/b"', 'token_claims'],
  ['jti', `"${'a'.repeat(65)}"`, 'token_claims'],
  ['jti', '"a\\n"', 'token_claims'],
  ['package', 'null', 'token_claims'],
  ['package', '[]', 'token_claims'],
  ['package', '"{}"', 'token_claims'],
  ['view_digest', 'null', 'token_claims'],
  ['package_digest', '1', 'token_claims'],
  ['role', '[]', 'token_claims'],
  ['exp', String(NOW_S), 'token_expired'],
  ['exp', '0', 'token_expired'],
  ['iat', String(NOW_S + 61), 'token_not_yet_valid'],
  ['nbf', String(NOW_S + 61), 'token_not_yet_valid'],
])
  add('J6', `${name} ${text.slice(0, 30)}`, token(HEADER, written(name, text)), verdict);
for (const name of ['iss', 'aud', 'sub', 'jti', 'package', 'view_digest', 'package_digest', 'role']) {
  add('J6', `no ${name}`, token(HEADER, without(CLAIMS, name)), name === 'aud' ? 'token_claims' : 'token_claims');
}

for (const at of [0, 1, 2]) {
  const parts = GOOD.split('.');
  add(
    'J7',
    `padding in segment ${at + 1}`,
    parts.map((part, place) => (place === at ? `${part}=` : part)).join('.'),
    'token_malformed',
  );
  add(
    'J7',
    `empty segment ${at + 1}`,
    parts.map((part, place) => (place === at ? '' : part)).join('.'),
    'token_malformed',
  );
  add(
    'J7',
    `"+" in segment ${at + 1}`,
    parts.map((part, place) => (place === at ? `+${part.slice(1)}` : part)).join('.'),
    'token_malformed',
  );
  add(
    'J7',
    `"/" in segment ${at + 1}`,
    parts.map((part, place) => (place === at ? `/${part.slice(1)}` : part)).join('.'),
    'token_malformed',
  );
}
const spare = GOOD_SIGNATURE.slice(0, -1) + 'BRhx'.charAt('AQgw'.indexOf(GOOD_SIGNATURE.at(-1)));
add('J7', 'spare bits in the signature', [GOOD_HEADER, GOOD_PAYLOAD, spare].join('.'), 'token_malformed');
for (const [name, made] of [
  ['no text', ''],
  ['one segment', GOOD_HEADER],
  ['two segments', `${GOOD_HEADER}.${GOOD_PAYLOAD}`],
  ['four segments', `${GOOD}.AAAA`],
  ['five segments', `${GOOD}.AAAA.AAAA`],
  ['newline at the end', `${GOOD}\n`],
  ['space in front', ` ${GOOD}`],
  ['letters beyond ASCII', GOOD.replace('.', '．')],
  ['null', null],
  ['a number', 5],
  ['true', true],
  ['a list', [GOOD]],
  ['an object', { token: GOOD }],
])
  add('J7', name, made, 'token_malformed');
add('J7', 'more than 16 kB', token(HEADER, claims({ package: { a: 'x'.repeat(12_000) } })), 'token_too_large');
for (const [name, payload] of [
  ['member twice', JSON.stringify(CLAIMS).replace('{', `{"aud":"page",`)],
  ['member twice, once escaped', JSON.stringify(CLAIMS).replace('{', `{"\\u0061ud":"page",`)],
  ['member twice, inside', written('package', '{"a":{"b":1,"b":1}}')],
  ['33 deep', written('package', `{"a":${nested(31)}}`)],
  ['byte order mark', `\uFEFF${JSON.stringify(CLAIMS)}`],
  ['not UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])],
  ['UTF-8 of a surrogate', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')])],
  ['lone surrogate', written('package', '{"a":"\\ud800"}')],
  ['lone surrogate as a key', written('package', '{"\\udc00":1}')],
  ['NaN', written('package', '{"a":NaN}')],
  ['Infinity', written('package', '{"a":-Infinity}')],
  ['number too large', written('package', '{"a":1e400}')],
  ['number too small', written('package', '{"a":1e-400}')],
  ['integer beyond a double', written('package', '{"a":9007199254740993}')],
  ['more digits than a double', written('package', '{"a":0.1000000000000000055511151231257827}')],
  ['leading zero', written('package', '{"a":01}')],
  ['comma at the end', written('package', '{"a":1,}')],
  ['single quotes', "{'aud':'page'}"],
  ['no JSON', 'hello'],
  ['empty braces twice', '{}{}'],
  ['control character in text', written('package', '{"a":"\u0001"}')],
])
  add('J7', `payload: ${name}`, token(HEADER, payload), 'token_malformed');
for (const [name, payload] of [
  ['a list', '[]'],
  ['a text', '"page"'],
  ['null', 'null'],
]) {
  add('J7', `payload: ${name}`, token(HEADER, payload), 'token_claims');
}
for (const [name, header, verdict = 'token_malformed'] of [
  ['eight members', JSON.stringify({ ...HEADER, ...numbered(5) }), 'token_header'],
  ['nine members', JSON.stringify({ ...HEADER, ...numbered(6) })],
  ['a long name', JSON.stringify({ ...HEADER, ['a'.repeat(129)]: 1 })],
  ['member twice', '{"alg":"ES256","alg":"ES256","kid":"current","typ":"handoff+jwt"}'],
  ['a list', '["ES256"]'],
  ['a text', '"ES256"'],
  ['null', 'null'],
  ['not JSON', '{alg:ES256}'],
  ['longer than 512 bytes', JSON.stringify({ ...HEADER }).replace('{', `{${' '.repeat(600)}`)],
  ['byte order mark', `\uFEFF${JSON.stringify(HEADER)}`],
])
  add('J7', `header: ${name}`, token(header), verdict);

const bytes = Buffer.from(GOOD_SIGNATURE, 'base64url');
const flipped = Buffer.from(bytes);
flipped[20] ^= 1;
const der = sign('sha256', Buffer.from(`${GOOD_HEADER}.${GOOD_PAYLOAD}`), {
  key: current.privateKey,
  dsaEncoding: 'der',
});
const signed = (signature) => `${GOOD_HEADER}.${GOOD_PAYLOAD}.${b64(signature)}`;
add('J10', 'signature with one bit flipped', signed(flipped), 'token_signature');
add('J10', 'signature of zeros', signed(Buffer.alloc(64)), 'token_signature');
add(
  'J10',
  'signature halves swapped',
  signed(Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)])),
  'token_signature',
);
add('J10', 'signature of 63 bytes', signed(bytes.subarray(0, 63)), 'token_malformed');
add('J10', 'signature of 65 bytes', signed(Buffer.concat([bytes, Buffer.alloc(1)])), 'token_malformed');
add('J10', 'signature in DER', signed(der), 'token_malformed');
add('J10', 'signed by a stranger', token(HEADER, CLAIMS, stranger), 'token_signature');
add('J10', 'signed by the next key under the name of the current', token(HEADER, CLAIMS, next), 'token_signature');
add(
  'J10',
  'payload changed',
  [GOOD_HEADER, b64(JSON.stringify(claims({ role: 'owner' }))), GOOD_SIGNATURE].join('.'),
  'token_signature',
);

const corpus = { issuer: ISSUER, subject: SUBJECT, now_ms: NOW_S * 1000, jwks, cases };
writeFileSync(new URL('../../tests/corpora/tokens.json', import.meta.url), `${JSON.stringify(corpus, null, 1)}\n`);
console.log(`${cases.length} tokens`);
