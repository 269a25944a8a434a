import type { Pseudonyms } from './pseudonyms.ts';

/** The words in which collecting says what it could not see. */
const OWN_WORDS = new Set(
  `a absent after all an and any as at backlogctl be belong boot bytes changed collected container could counters did
  directory each else end ended few file files for forged found from get hold holds in inode inside ip iproute is it
  its kernel larger limits link links listener listeners live loader long look looked loop lost made many may more
  name names namespace namespaces net network no nobody none not nsenter of open or other out owner owners permitted
  printed process processes reads readable regular release root row rows run sample second seen sockets something
  somebody ss status sysctl target TCP than that the them there they through time to too took unix until values
  visible waits walk was were what which while who with within without wrote x you FIFO descriptors fifo has here
  into either can be writes malformed device programs set settings`.split(/\s+/),
);

/** Paths get their stand-ins; a text with a word that is not of our own is somebody's, and goes as a whole. */
export function redactWords(text: string, redactPath: (path: string) => string, names: Pseudonyms): string {
  const PATH = /(?<![\w)])\/[^\s:,]*/g;
  const words = text.replace(PATH, '').match(/[\p{L}_]+/gu) ?? [];
  return words.every((word) => OWN_WORDS.has(word))
    ? text.replace(PATH, redactPath)
    : names.of('words', text);
}
