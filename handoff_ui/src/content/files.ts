import type { Attachment, ContextPackage, DisplayKind } from '../trust/package';

/** Whether a field of a case shows a file. */
export function showsFile({ kind }: { kind: DisplayKind | 'auto' }): boolean {
  return kind === 'image' || kind === 'pdf';
}

export function isNamedBy({ name, sha256 }: Attachment, value: unknown): boolean {
  return value === name || value === sha256;
}

export function hasFiles({ attachments, metadata }: ContextPackage): boolean {
  return attachments.length > 0 || metadata.display.some(showsFile);
}
