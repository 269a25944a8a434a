import type { Who } from '../../apply/transaction.ts';
import { escapeControls } from '../../core/text.ts';
import type { NameOfUser } from '../../pipeline/user-names.ts';

function userText(uid: number, nameOf: NameOfUser): string {
  const name = nameOf(uid);
  return escapeControls(name === null ? `uid ${uid}` : `${name} (uid ${uid})`);
}

/** In a word, for a column. */
export function shortWho({ uid, loginUid, sudoUser }: Who, nameOf: NameOfUser): string {
  const person = loginUid ?? uid;
  return escapeControls(sudoUser ?? nameOf(person) ?? `uid ${person}`);
}

/** The login survives sudo and su, and cannot be forged; whom sudo names comes from its environment. */
export function fullWho({ uid, loginUid, sudoUser }: Who, nameOf: NameOfUser): string {
  const login = loginUid === null ? 'no login (a service, cron or a container)' : userText(loginUid, nameOf);
  if (sudoUser === null) return loginUid === uid ? login : `${login}, as ${userText(uid, nameOf)}`;
  const isSame = loginUid !== null && nameOf(loginUid) === sudoUser;
  const through = isSame ? 'through sudo' : `${escapeControls(sudoUser)} through sudo`;
  return `${login}, ${through} as ${userText(uid, nameOf)}`;
}
