const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** The bytes of the one text that stands for them; null for padding, `+`, `/`, spare bits and anything else (row J7). */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!BASE64URL.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const canonical = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return canonical === text ? Uint8Array.from(binary, (character) => character.charCodeAt(0)) : null;
}

export function encodeBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}
