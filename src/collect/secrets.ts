/**
 * The variables whose values are secrets: the kernel lets only root read them. A line that sets one stands in a file
 * that a snapshot holds, so its value goes before anything else sees it.
 */
const ASSIGNMENT = /((?:tcp_fastopen_key|stable_secret)[ \t]*=)((?:\\\r?\n|[^\n\r\0])*)/g;

/** Keys for TCP Fast Open wherever they stand: behind a pattern, in a comment, in somebody's note. */
const FASTOPEN_KEY = /[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{8}){3}/g;

/** Whether the variable's value is a secret, by the name that its key ends in. */
export function isSecretKey(key: string): boolean {
  return /(?:tcp_fastopen_key|stable_secret)$/.test(key);
}

/** Digits and letters become zeros, so that lines and what they look like stay. */
function blanked(value: string): string {
  return value.replace(/[0-9A-Za-z]/g, '0');
}

/** Whether something in the text is a secret, or is where one was. */
export function holdsSecret(text: string): boolean {
  return text.search(ASSIGNMENT) !== -1 || text.search(FASTOPEN_KEY) !== -1;
}

export function withoutSecrets(text: string): string {
  return text
    .replace(ASSIGNMENT, (_, head: string, value: string) => head + blanked(value))
    .replace(FASTOPEN_KEY, blanked);
}
