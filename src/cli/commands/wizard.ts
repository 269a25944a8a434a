import { usageError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { hostPrompter } from '../../host/prompter.ts';
import { checkPrivilege } from '../../pipeline/locked.ts';
import { oursInSnapshot, profilesThatStand } from '../../pipeline/ours.ts';
import { listProfiles } from '../../pipeline/profiles.ts';
import { renderAuditText } from '../../report/text/audit-text.ts';
import { renderPlanText } from '../../report/text/plan-text.ts';
import { runWizard, type Wish, type WizardOutcome } from '../../wizard/wizard.ts';
import type { CommonOptions, PlanOptions } from '../options.ts';
import { planCommands } from '../plan-commands.ts';
import { journalOf, planOf } from '../planning.ts';
import { ruleReason } from '../rule-reason.ts';
import { auditOf, hostPorts, profileSource, textOptions } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { runApply } from './apply.ts';

export type WizardOptions = Pick<PlanOptions, 'fileName' | 'takeover'>;

function optionsOf(
  { profiles, load, takeover }: Wish,
  options: WizardOptions & CommonOptions,
): PlanOptions & CommonOptions {
  return {
    ...options,
    ...(profiles.length === 0 ? {} : { profile: profiles }),
    ...(takeover ? { takeover } : {}),
    ...(load.connectionsPerSecond === undefined ? {} : { connectionsPerSecond: load.connectionsPerSecond }),
    ...(load.longestStallMilliseconds === undefined ? {} : { longestStall: load.longestStallMilliseconds }),
    ...(load.bandwidthBitsPerSecond === undefined ? {} : { bandwidth: load.bandwidthBitsPerSecond }),
    ...(load.roundTripMilliseconds === undefined ? {} : { rtt: load.roundTripMilliseconds }),
  };
}

async function usableProfiles() {
  const listed = await listProfiles(profileSource({}));
  return listed.flatMap((each) =>
    each.kind === 'unusable' ? [] : [{ name: each.profile.name, summary: each.profile.summary }],
  );
}

function statusOf(outcome: WizardOutcome, applied: ExitStatus): ExitStatus {
  switch (outcome) {
    case 'applied':
      return applied;
    case 'undecided':
      return EXIT.refused;
    case 'given-up':
      return EXIT.interrupted;
    case 'nothing-to-do':
    case 'declined':
      return EXIT.done;
  }
}

export async function runWizardCommand(
  options: WizardOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  if (!terminal.isInteractive) {
    throw usageError(
      'the wizard asks a person, and there is no terminal here',
      'backlogctl apply --yes asks nobody',
    );
  }
  // Who cannot apply in the end is told before the first question.
  checkPrivilege(hostPorts({}));
  let applied: ExitStatus = EXIT.done;
  const report = await auditOf(options, terminal);
  const outcome = await runWizard({
    prompter: hostPrompter(),
    show: (text) => terminal.write(`${text}\n`),
    overview: renderAuditText(report, ruleReason, textOptions(options, terminal)),
    profiles: await usableProfiles(),
    standing: profilesThatStand(await journalOf({}), oursInSnapshot(report.assessment.snapshot)),
    fileName: options.fileName ?? null,
    takeover: options.takeover === true,
    plan: async (wish) => {
      const chosen = optionsOf(wish, options);
      const plan = await planOf(chosen, terminal);
      // Where nobody is asked, what to type instead is said.
      const commands = plan.conflicts.length === 0 ? null : planCommands(plan, chosen);
      return {
        text: renderPlanText(plan, textOptions(options, terminal), commands),
        hasSteps: plan.steps.length > 0,
        hasConflicts: plan.conflicts.length > 0,
        isSettledByTakeover: plan.conflicts.every(({ takeover }) => takeover === true),
      };
    },
    apply: async (wish) => {
      const chosen = { ...optionsOf(wish, options), yes: true, onConflict: 'fail' } as const;
      applied = await runApply(undefined, chosen, terminal);
    },
  });
  return statusOf(outcome, applied);
}
