import path from 'node:path';
import { assess } from '../../assess/assess.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { viewProfile } from '../../pipeline/profile-view.ts';
import { listProfiles, loadProfile } from '../../pipeline/profiles.ts';
import {
  profileDocument,
  profilesDocument,
  renderProfile,
  renderProfileList,
  renderValidation,
  validationDocument,
} from '../../report/profiles.ts';
import type { CommonOptions, SourceOptions } from '../options.ts';
import { profileArgument } from '../planning.ts';
import { profileSource, snapshotOf, writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export async function runProfilesList(
  options: SourceOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const listed = await listProfiles(profileSource(options));
  await writeResult(
    { json: () => profilesDocument(listed), text: (layout) => renderProfileList(listed, layout) },
    options,
    terminal,
  );
  return EXIT.done;
}

export async function runProfilesShow(
  given: string,
  options: SourceOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const profile = await loadProfile(profileArgument(given), profileSource(options));
  const snapshot = await snapshotOf(options, terminal);
  const { loader } = options;
  const view = viewProfile(profile, assess(snapshot, loader === undefined ? {} : { loader }), null);
  await writeResult(
    { json: () => profileDocument(view), text: (layout) => renderProfile(view, layout) },
    options,
    terminal,
  );
  return EXIT.done;
}

/** A file is meant whatever it is called, so a bare name is not looked up. */
export async function runProfilesValidate(
  file: string,
  options: CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const profile = await loadProfile(path.resolve(file), profileSource({}));
  await writeResult(
    { json: () => validationDocument(profile), text: () => renderValidation(profile) },
    options,
    terminal,
  );
  return EXIT.done;
}
