const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

const UTF8 = new TextEncoder();

/**
 * FNV-1a of the text's UTF-8 bytes, as eight hexadecimal digits: a short name for something long. Whoever writes
 * the text can make two that share one, so it is no proof of anything. Loading node:crypto for it would cost more
 * than all the hashing (docs/adr/0007).
 */
export function shortHash(content: string): string {
  let hash = OFFSET_BASIS;
  for (const byte of UTF8.encode(content)) hash = Math.imul(hash ^ byte, PRIME);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
