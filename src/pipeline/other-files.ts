import { CILIUM_FILE } from '../assess/sysctl-files-again.ts';
import { DPKG_STATUS, DPKG_STATUS_BYTES } from '../collect/loader.ts';
import { holdsSecret } from '../collect/secrets.ts';
import { octalMode } from '../collect/sysctl-files.ts';
import { valueOr } from '../core/fact.ts';
import { isSameFile } from '../core/paths.ts';
import type { HostReader } from '../core/ports.ts';
import { bytesOf, contentOf } from '../plan/file-state.ts';
import { fileReadAt } from '../plan/files.ts';
import type { OtherFile, OtherFiles } from '../plan/other-file.ts';
import type { FileState } from '../plan/plan.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { decodeSysctlFile } from '../sysctl/lines.ts';
import { stateOf } from './ours.ts';

function refused(why: string): OtherFile {
  return { ok: false, why };
}

function isMark(comment: string): boolean {
  return (
    /\bmanaged\b|\bmaintained by\b|\bauto-?(?:matically )?generated\b|\bgenerated (?:by|from|with)\b/i.test(
      comment,
    ) ||
    /\bdo not (?:edit|modify|change)\b|\boverwritten\b/i.test(comment) ||
    /\b(?:ansible|puppet|chef|cfengine|saltstack|cloud-init|cilium|saptune|tuned)\b/i.test(comment)
  );
}

const BACK = 'and the lines that are commented out are back then';

const LONGEST_QUOTE = 60;

/** A comment that says that a program keeps the file. */
function marks(path: string, bytes: Uint8Array): readonly string[] {
  const lines = decodeSysctlFile(bytes).split('\n');
  const index = lines.findIndex((line) => /^\s*[#;]/.test(line) && isMark(line));
  if (path === CILIUM_FILE) return [`Cilium's agent writes ${path} anew at each of its starts, ${BACK}`];
  const comment = lines[index]?.replace(/^\s*[#;\s]+/, '').trim();
  if (comment === undefined) return [];
  const quoted = comment.length > LONGEST_QUOTE ? `${comment.slice(0, LONGEST_QUOTE)}…` : comment;
  return [`${path}:${index + 1} says "${quoted}": what keeps the file may write it anew, ${BACK}`];
}

/** Of which package it is a configuration file, as dpkg knows it (deb-conffiles(5)); rpm has a database that takes rpm to read. */
function packageOf(path: string, reader: HostReader): string | null {
  const status = valueOr(reader.readText(DPKG_STATUS, DPKG_STATUS_BYTES), '');
  const entry = `\n ${path} `;
  const at = status.indexOf(entry);
  const isConffile = /^[0-9a-f]{32}\n/.test(status.slice(at + entry.length, at + entry.length + 33));
  if (at === -1 || !isConffile) return null;
  const head = `\n${status.slice(0, at)}`;
  return /^\nPackage: (\S+)/.exec(head.slice(head.lastIndexOf('\nPackage: ')))?.[1] ?? null;
}

function packages(path: string, reader: HostReader): readonly string[] {
  const name = packageOf(path, reader);
  return name === null
    ? []
    : [
        `${path} is a configuration file of the package ${name}: its next update may ask which one to keep, and its own has the lines that are commented out`,
      ];
}

function otherFile(state: FileState, keepers: () => readonly string[]): OtherFile {
  // A plan shows the file, and says what it was before.
  if (holdsSecret(bytesOf(state).toString('latin1')))
    return refused('it holds a secret key, which the plan would show');
  return { ok: true, state, keepers };
}

/** Whether the path leads where the files say that it does: a directory on the way may be a link, too. */
function leadsTo(path: string, link: string, reader: HostReader): boolean {
  const [there, here] = [reader.stat(link), reader.stat(path)];
  return there.ok && here.ok && isSameFile(there.value, here.value);
}

/** Files of the host that the reader looks at. */
export function otherFilesOn(reader: HostReader, { sysctlFiles = [] }: Snapshot): OtherFiles {
  return (path) => {
    const stat = reader.lstat(path);
    if (!stat.ok) return refused(`it cannot be looked at: ${stat.detail ?? stat.why}`);
    if (stat.value.kind !== 'file') return refused(`it is no regular file but a ${stat.value.kind}`);
    const bytes = reader.readBytes(path);
    if (!bytes.ok) return refused(`it cannot be read: ${bytes.detail ?? bytes.why}`);
    const { mode, uid, gid } = stat.value;
    const state = { ...contentOf(Buffer.from(bytes.value)), mode: octalMode(mode & 0o777), uid, gid };
    const links = sysctlFiles.filter(
      (file) => file.kind === 'link' && fileReadAt(file.path, sysctlFiles)?.path === path,
    );
    const astray = links.find((link) => !leadsTo(path, link.path, reader));
    if (astray !== undefined) return refused(`${astray.path} leads elsewhere`);
    return otherFile(state, () => [...marks(path, bytesOf(state)), ...packages(path, reader)]);
  };
}

/** The same as far as a snapshot tells, which is not who owns them. */
export function otherFilesIn({ sysctlFiles = [] }: Snapshot): OtherFiles {
  return (path) => {
    const file = sysctlFiles.find((each) => each.path === path);
    if (file?.kind !== 'file' || (file.text === undefined && file.base64 === undefined)) {
      return refused('it was not read');
    }
    const state = stateOf(file);
    return otherFile(state, () => marks(path, bytesOf(state)));
  };
}
