/**
 * Passkeys: add one, sign in with one, and confirm one decision with one (row L5).
 *
 * What is signed is chosen by the companion alone: this file passes its options to the browser and the answer back.
 */
import type { Answer, Client } from '../api/client';
import type { Problem, Session } from '../api/types';
import { decodeBase64url, encodeBase64url } from './base64url';

/** What a decision carries as `step_up`. */
export interface StepUpProof {
  nonce: string;
  credential: CredentialJson;
}

type RequestOptions = PublicKeyCredentialRequestOptionsJSON;
type CreationOptions = PublicKeyCredentialCreationOptionsJSON;
type Asked<O> = { nonce: string; options: O };
type Refused = { kind: 'problem'; problem: Problem };
type Local<T> = { kind: 'ok'; data: T; etag: null } | Refused;

interface CredentialJson {
  id: string;
  rawId: string;
  type: string;
  authenticatorAttachment?: string | null;
  clientExtensionResults: object;
  response: Record<string, string | string[] | null>;
}

export interface Passkey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
  /** The device's maker keeps a copy, so that losing the device does not lose the passkey. */
  backed_up: boolean;
}

/** A fresh confirmation of exactly this decision: `form` is the body that is about to be sent, `step_up` left out. */
export async function stepUp(client: Client, handoffId: string, form: object): Promise<Answer<StepUpProof>> {
  if (!passkeysWork()) return refused('passkey_unsupported');
  return asserted(client, `/v1/handoffs/${handoffId}/challenges`, form);
}

/** Signs in with a passkey; which one, and so who, the person chooses in the browser's own dialog. */
export async function signInWithPasskey(client: Client): Promise<Answer<Session>> {
  if (!passkeysWork()) return refused('passkey_unsupported');
  const path = '/v1/sign-ins/passkey';
  const proof = await asserted(client, `${path}/options`, {});
  return proof.kind === 'ok' ? client.send(path, { method: 'POST', body: proof.data }) : proof;
}

export async function addPasskey(client: Client, name: string): Promise<Answer<Passkey>> {
  if (!passkeysWork()) return refused('passkey_unsupported');
  const path = '/v1/passkeys';
  const asked = await client.send<Asked<CreationOptions>>(`${path}/options`, { method: 'POST', body: {} });
  if (asked.kind !== 'ok') return asked;
  const { nonce, options } = asked.data;
  const made = await answered(() => navigator.credentials.create({ publicKey: creation(options) }), options.rp.id);
  if (made.kind !== 'ok') return made;
  return client.send(path, { method: 'POST', body: { name, nonce, credential: made.data } });
}

export function passkeysWork(): boolean {
  return 'PublicKeyCredential' in window && 'credentials' in navigator;
}

async function asserted(client: Client, path: string, body: object): Promise<Answer<StepUpProof>> {
  const asked = await client.send<Asked<RequestOptions>>(path, { method: 'POST', body });
  if (asked.kind !== 'ok') return asked;
  const { nonce, options } = asked.data;
  const given = await answered(() => navigator.credentials.get({ publicKey: request(options) }), options.rpId);
  return given.kind === 'ok' ? { ...given, data: { nonce, credential: given.data } } : given;
}

/** The browser's answer; what a person or an authenticator can do wrong is a problem in words, like the companion's. */
async function answered(dialog: () => Promise<Credential | null>, place = ''): Promise<Local<CredentialJson>> {
  try {
    const credential = await dialog();
    if (credential === null) return refused('passkey_cancelled');
    return { kind: 'ok', data: asJson(credential as PublicKeyCredential), etag: null };
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'SecurityError') return refused('passkey_elsewhere', place);
    if (name === 'InvalidStateError') return refused('passkey_on_device');
    // Browsers give one name to "closed the dialog", "took too long" and "has no such passkey", so that no site learns which.
    return refused('passkey_cancelled');
  }
}

const WORDS = {
  passkey_cancelled: 'The passkey was not used, so nothing was sent. Nothing is lost: try again.',
  passkey_unsupported: 'This browser knows no passkeys. Use another one, or a newer version of it.',
  passkey_on_device: 'This device holds a passkey of yours already. Remove that one first, or use another device.',
  passkey_elsewhere:
    'Your passkey belongs to PLACE, and this browser does not use it at this address. Open Handoff there, and do it there.',
};

function refused(code: keyof typeof WORDS, place = ''): Refused {
  return { kind: 'problem', problem: { code, status: 0, detail: WORDS[code].replace('PLACE', place) } };
}

function creation(options: CreationOptions): PublicKeyCredentialCreationOptions {
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: descriptors(options.excludeCredentials),
  } as PublicKeyCredentialCreationOptions;
}

function request(options: RequestOptions): PublicKeyCredentialRequestOptions {
  return {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: descriptors(options.allowCredentials),
  } as PublicKeyCredentialRequestOptions;
}

function descriptors(listed: PublicKeyCredentialDescriptorJSON[] = []): PublicKeyCredentialDescriptor[] {
  return listed.map((one) => ({ ...one, id: bytes(one.id) }) as PublicKeyCredentialDescriptor);
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return decodeBase64url(text.replace(/=+$/, '')) ?? new Uint8Array();
}

/** As `credential.toJSON()` gives it, which not every browser has. */
function asJson(credential: PublicKeyCredential): CredentialJson {
  const { response } = credential;
  const written: CredentialJson['response'] = { clientDataJSON: text(response.clientDataJSON) };
  if (response instanceof AuthenticatorAssertionResponse) {
    written.authenticatorData = text(response.authenticatorData);
    written.signature = text(response.signature);
    written.userHandle = response.userHandle === null ? null : text(response.userHandle);
  } else {
    const attested = response as AuthenticatorAttestationResponse;
    written.attestationObject = text(attested.attestationObject);
    written.transports = attested.getTransports?.() ?? [];
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: written,
  };
}

function text(buffer: ArrayBuffer): string {
  return encodeBase64url(new Uint8Array(buffer));
}
