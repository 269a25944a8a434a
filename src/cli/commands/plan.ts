import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { shellQuote } from '../../core/shell.ts';
import type { Plan } from '../../plan/plan.ts';
import { isPending } from '../../report/text/mend-lines.ts';
import type { CommonOptions, PlanOptions } from '../options.ts';
import { planCommands } from '../plan-commands.ts';
import { checkPersisting, planOf, planText } from '../planning.ts';
import { saveDocument, wantsJson, writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type PlanCommandOptions = PlanOptions & { readonly out?: string; readonly exitCode?: true };

function exitStatus(plan: Plan, { exitCode }: PlanCommandOptions): ExitStatus {
  return exitCode === true && isPending(plan) ? EXIT.changesPending : EXIT.done;
}

export async function runPlan(
  options: PlanCommandOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  checkPersisting(options);
  const plan = await planOf(options, terminal);
  if (options.out !== undefined) saveDocument(options.out, plan);
  if (options.out !== undefined && wantsJson(options)) return exitStatus(plan, options);
  const saved = options.out === undefined ? '' : `Saved in ${shellQuote(options.out)}.\n`;
  const commands = planCommands(plan, options, options.out);
  await writeResult(
    { json: () => plan, text: async (layout) => `${await planText(plan, layout, commands)}${saved}` },
    options,
    terminal,
  );
  return exitStatus(plan, options);
}
