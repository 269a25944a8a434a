import type { ListenerAssessment } from '../../assess/assessment.ts';
import { type LimitChange, type RelistenStep, relistenStep } from '../../assess/relisten.ts';
import { command, key, name, type Text, text } from '../../core/text.ts';
import { isChosenByProgram } from '../../servers/default-evidence.ts';
import type { Remedy } from '../remedy.ts';
import type { Surroundings } from '../rule.ts';
import { programText } from './subjects.ts';

type Case = {
  readonly listener: ListenerAssessment;
  readonly step: RelistenStep;
  /** As the server's entry has it, with what could not be filled in. */
  readonly template: string | null;
  /** The program, in a way that a person finds it. */
  readonly it: Text;
};

/** Where no command names the unit, the process: of several the first, which the others come from as a rule. */
function program({ who, label, listener }: ListenerAssessment, step: RelistenStep): Text {
  const processes = [...(listener.processes ?? [])].sort((a, b) => a.pid - b.pid);
  const [first] = processes;
  if (step.command !== null) return programText({ who });
  if (first === undefined)
    return who === '?' ? text`the program that listens on ${name(label)}` : programText({ who });
  const others = processes.length === 1 ? '' : ` and ${processes.length - 1} more`;
  return text`${name(first.name)} (pid ${first.pid}${others})`;
}

/** ` by SIGHUP to its main process` where the process to signal is not known. */
function signalHint({ template, step }: Case): string {
  const signal = /^kill -(\w+) <pid>$/.exec(template ?? '')?.[1];
  return signal === undefined || step.command !== null ? '' : ` by SIG${signal} to its main process`;
}

/** A runtime, or a program that nothing configures and no package runs as a service, knows no reload to warn of. */
function hasReload({ listener: { server }, template }: Case): boolean {
  if (server === null || isChosenByProgram(server)) return false;
  return server.config.configurable || template?.includes('<unit>') === false;
}

function restart(each: Case): Text {
  const { it, template } = each;
  if (template?.includes('<container>')) return text`restart the container behind ${it}`;
  return hasReload(each)
    ? text`restart ${it}: a reload keeps the old queue`
    : text`restart ${it}: it calls listen() only when it starts`;
}

function restartSocketUnit(each: Case): Text {
  const { listener, step, it } = each;
  // systemd-socket-activate(1) is a program of its own, and no unit.
  if (listener.listener.processes?.some((one) => one.name.startsWith('systemd-socket')))
    return text`restart ${it}: it calls listen() only when it starts`;
  const unit = /(\S+\.socket)'?$/.exec(step.command ?? '')?.[1];
  const which =
    unit === undefined
      ? text`the socket unit of ${name(listener.label)} (${command('systemctl list-sockets')} names it)`
      : text`the socket unit ${name(unit.replace(/^'/, ''))}`;
  const service = listener.who === 'systemd-socket' ? text`the service` : it;
  return text`restart ${which}; restarting ${service} alone keeps the old queue`;
}

function rebind({ it, listener: { listener } }: Case): Text {
  const other =
    listener.protocol === 'tcp'
      ? text` (or ${key('CONFIG SET port')} to another number and back, which keeps its clients)`
      : [];
  return text`restart ${it}: a reload keeps the old queue${other}`;
}

/** What to do first, then why. */
function instructionFor(each: Case): Text {
  const { it, step } = each;
  switch (step.how) {
    case 'reload':
      return text`reload ${it}${signalHint(each)}: it calls listen() again`;
    case 'reload-only-if-value-changed':
      return text`restart ${it}, or change ${key('backlog=')} and reload: a reload alone keeps the old queue`;
    case 're-exec':
      return text`have ${it} replace itself by a new process${signalHint(each)}, then stop the old one; or restart it: a plain reload keeps the old queue`;
    case 'rebind':
      return rebind(each);
    case 'child-restart':
      return text`stop and start the child process of ${it}: a reload keeps the old queue, and the cache is lost`;
    case 'socket-unit-restart':
      return restartSocketUnit(each);
    case 'listener-update-or-restart':
      return text`restart ${it}, or replace the listener in its configuration by a new one`;
    case 'unknown':
      return text`restart ${it}: its socket keeps the old limit until the program calls listen() again`;
    case 'restart':
    case 'code-change+restart':
    case 'n/a':
      return restart(each);
  }
}

/**
 * Has the program call listen() again, after a change of its own backlog or of somaxconn: the live socket keeps its
 * limit until then.
 */
export function relistenRemedy(
  listener: ListenerAssessment,
  change: LimitChange,
  { environment }: Pick<Surroundings, 'environment'>,
): Remedy {
  const { server, who } = listener;
  const step = relistenStep(listener.listener, server, change, environment);
  const taken = change === 'backlog' ? server?.configChange : server?.somaxconnChange;
  const each = { listener, step, template: taken?.command ?? null, it: program(listener, step) };
  const where = environment === 'container' ? text`in the container, ` : [];
  return {
    kind: 'relisten',
    server: who,
    command: step.command,
    disruptive: step.disruptive,
    instruction: text`${where}${instructionFor(each)}`,
  };
}
