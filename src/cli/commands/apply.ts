import { errnoText } from '../../core/errno-text.ts';
import { usageError } from '../../core/errors.ts';
import { EXIT, type ExitStatus, signalStatus } from '../../core/exit-status.ts';
import { runHealthCheck } from '../../host/health-check.ts';
import { ownCode, realPath } from '../../host/own-program.ts';
import { hostReader } from '../../host/reader.ts';
import { type Applied, apply, type ConfirmWindow, rehearse } from '../../pipeline/apply.ts';
import { checkRootsOwn } from '../../pipeline/own-code.ts';
import type { Plan } from '../../plan/plan.ts';
import { receipt } from '../../report/change-json.ts';
import type { PlanCommands } from '../../report/text/mend-lines.ts';
import { loadOptions } from '../../wizard/questions.ts';
import { changePorts, deferSignals, lookingAt } from '../changing.ts';
import type { ApplyOptions, CommonOptions, PlaceOptions } from '../options.ts';
import { placeText, planCommands, savedPlanCommands, typed } from '../plan-commands.ts';
import {
  checkObeyed,
  checkPersisting,
  factsForPlan,
  journalOf,
  planText,
  planToApply,
  savedPlan,
  unreadKeysOf,
  wishesOf,
  workloadOf,
} from '../planning.ts';
import {
  hostPorts,
  type LayoutOptions,
  snapshotOf,
  textOptions,
  wantsJson,
  writeResult,
} from '../session.ts';
import type { Terminal } from '../terminal.ts';

function exitStatus({ outcome }: Applied): ExitStatus {
  switch (outcome.kind) {
    case 'applied':
    case 'waiting':
    case 'unchanged':
    case 'declined':
    case 'planned':
      return EXIT.done;
    case 'conflict':
    case 'stale':
      return EXIT.refused;
    case 'lock-lost':
      return EXIT.tryAgain;
    case 'no-journal':
      return EXIT.failedAndRestored;
    case 'undone':
      if (outcome.left.some(({ why }) => why === 'failed')) return EXIT.failedNotRestored;
      return outcome.signal === null ? EXIT.failedAndRestored : signalStatus(outcome.signal);
    case 'interrupted':
      return signalStatus(outcome.signal);
  }
}

/** `backlogctl plan --netns blue … --out FILE` */
function planAnew(place: PlaceOptions, ...words: readonly string[]): string {
  return typed('plan', ...words, placeText(place), '… --out FILE');
}

/** What a saved plan says is done as it stands: an option that would change it belongs to where it is made. */
function checkSaved({
  profile,
  persist,
  allowLower,
  fileName,
  takeover,
  withoutProfiles,
  ...rest
}: ApplyOptions): void {
  const [option] = [
    ...(profile === undefined ? [] : ['--profile']),
    ...(persist === false ? ['--no-persist'] : []),
    ...(allowLower ? ['--allow-lower'] : []),
    ...(fileName === undefined ? [] : ['--file-name']),
    ...(takeover ? ['--takeover'] : []),
    ...(withoutProfiles ? ['--without-profiles'] : []),
    ...loadOptions(workloadOf(rest)),
  ];
  if (option === undefined) return;
  throw usageError(
    `a saved plan is carried out as it stands, and ${option} would change it`,
    `make another: ${planAnew(rest, option)}`,
  );
}

/** @throws UserError for options that do not go together */
function check(saved: string | undefined, options: ApplyOptions & CommonOptions, terminal: Terminal): void {
  if (options.snapshot !== undefined) throw usageError('apply changes this host, so it takes no --snapshot');
  if (options.live === false && options.root === undefined)
    throw usageError('--no-live is for an image: it goes with --root');
  if (options.root !== undefined && options.live !== false)
    throw usageError('--root is another tree, whose kernel does not run: it goes with --no-live');
  if (options.live === false && options.persist === false)
    throw usageError('--no-live and --no-persist leave nothing to do');
  checkPersisting(options);
  checkWindow(options);
  if (saved !== undefined) checkSaved(options);
  if (options.withoutProfiles && options.profile !== undefined)
    throw usageError('--without-profiles and --profile exclude each other');
  const mayAsk = terminal.isInteractive && !wantsJson(options);
  if (options.yes === undefined && options.dryRun === undefined && !mayAsk) {
    throw usageError('nobody can be asked here, so apply takes --yes', '--dry-run shows what it would do');
  }
}

const SHORTEST_WINDOW_SECONDS = 5;
const CHECK_SECONDS = 60;

/** @throws UserError for a window that cannot be kept, or a program that is none */
function checkWindow({ confirmWithin, confirmIf, live }: ApplyOptions): void {
  if (confirmWithin === undefined && confirmIf === undefined) return;
  if (live === false)
    throw usageError('--no-live leaves no live value that could be taken back, so nothing is to confirm');
  if (confirmWithin !== undefined && confirmWithin < SHORTEST_WINDOW_SECONDS)
    throw usageError(`--confirm-within expects at least ${SHORTEST_WINDOW_SECONDS}s`);
  if (confirmIf === undefined) return;
  const [program] = confirmIf;
  if (program === undefined) throw usageError('--confirm-if expects a program, and comes last');
  if (!program.startsWith('/'))
    throw usageError(`--confirm-if expects the program's whole path, not '${program}'`);
}

/** @throws UserError where root would run what others may change */
function windowOf({ confirmWithin, confirmIf }: ApplyOptions): ConfirmWindow | null {
  if (confirmWithin === undefined && confirmIf === undefined) return null;
  const [program, ...rest] = confirmIf ?? [];
  const milliseconds = (confirmWithin ?? CHECK_SECONDS) * 1000;
  if (program === undefined) {
    checkRootsOwn(hostReader(), ownCode());
    return { milliseconds, check: null };
  }
  // What is looked at here is what runs later, wherever a link that was typed leads by then.
  const file = realPath(program);
  checkRootsOwn(hostReader(), [...ownCode(), file]);
  return { milliseconds, check: (left) => runHealthCheck(file, [program, ...rest], left) };
}

async function askConsent(
  plan: Plan,
  options: ApplyOptions & CommonOptions,
  terminal: Terminal,
): Promise<boolean | null> {
  if (options.yes) return true;
  await terminal.write(await planText(plan, textOptions(options, terminal)));
  const { hostPrompter } = await import('../../host/prompter.ts');
  return hostPrompter().confirm('Apply this now?');
}

async function unsavedPlan(options: ApplyOptions & CommonOptions, terminal: Terminal): Promise<Plan> {
  const wishes = await wishesOf(options);
  return planToApply(await factsForPlan(wishes, options, terminal), wishes, options);
}

/** @throws UserError for one of files, where we go on in another network namespace: they are the host's */
async function planFrom(saved: string, options: ApplyOptions): Promise<Plan> {
  const plan = await savedPlan(saved);
  const file = plan.steps.find((step) => step.kind === 'file');
  if (options.inside === undefined || file?.kind !== 'file') return plan;
  throw usageError(
    `the plan changes ${file.target.path}, and sysctl files reach no other network namespace`,
    `make one there: ${planAnew(options)}`,
  );
}

const DRY_RUN = 'Nothing was written: this was a dry run.\n';

/** The same plan and the same JSON, and no write: not even the lock is taken. */
async function dryRun(
  saved: string | undefined,
  options: ApplyOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const plan = saved === undefined ? await unsavedPlan(options, terminal) : await planFrom(saved, options);
  const applied = rehearse(plan, options.onConflict, await journalOf(options), hostPorts(options));
  await writeResult(
    {
      json: () => receipt(applied, true),
      text: async (layout) =>
        `${await planText(plan, layout)}${applied.outcome.kind === 'stale' ? await outcomeText(applied, layout) : DRY_RUN}`,
    },
    options,
    terminal,
  );
  return exitStatus(applied);
}

/** Nothing that was done depends on it, and the next apply tries again. */
function notePruning({ outcome }: Applied, terminal: Terminal): void {
  if (!('notPruned' in outcome) || outcome.notPruned === undefined) return;
  const { call, path, errno } = outcome.notPruned;
  terminal.note(
    `backlogctl: old transactions could not be pruned (${call} of ${path}: ${errnoText(errno)}); the next apply tries again\n`,
  );
}

export async function runApply(
  saved: string | undefined,
  options: ApplyOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  check(saved, options, terminal);
  if (options.dryRun) return dryRun(saved, options, terminal);
  const given = saved === undefined ? null : await planFrom(saved, options);
  const wishes = await wishesOf(options);
  checkObeyed(wishes);
  const window = windowOf(options);
  const signals = deferSignals();
  try {
    const ports = changePorts(options, signals.interrupted);
    const applied = await apply(
      {
        ...lookingAt(options, terminal, ports),
        look: (keys) => snapshotOf(options, terminal, [...keys, ...unreadKeysOf(wishes)]),
        plan: async (locked) => given ?? planToApply(locked, wishes, options),
        consent: (plan) => signals.undeferred(() => askConsent(plan, options, terminal)),
        onConflict: options.onConflict,
        live: options.live !== false,
        why: options.reason ?? null,
        window,
      },
      ports,
    );
    await writeResult(
      {
        json: () => receipt(applied, false),
        text: (layout) => appliedText(applied, layout, commandsFor(applied.plan, saved, options)),
      },
      options,
      terminal,
    );
    if (options.verbose) notePruning(applied, terminal);
    return exitStatus(applied);
  } finally {
    signals.stop();
  }
}

function commandsFor(plan: Plan, saved: string | undefined, options: ApplyOptions): PlanCommands {
  return saved === undefined ? planCommands(plan, options) : savedPlanCommands(plan, options, saved);
}

async function appliedText(applied: Applied, layout: LayoutOptions, commands: PlanCommands): Promise<string> {
  const shown = applied.outcome.kind === 'conflict' ? await planText(applied.plan, layout, commands) : '';
  return `${shown}${await outcomeText(applied, layout)}`;
}

async function outcomeText(applied: Applied, layout: LayoutOptions): Promise<string> {
  const { renderApplied } = await import('../../report/text/change-text.ts');
  return renderApplied(applied, layout);
}
