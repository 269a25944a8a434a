import type { ListenerAssessment, NamespaceAssessment } from '../assess/assessment.ts';
import { valueOr } from '../core/fact.ts';
import { jsonChunks, jsonText } from '../core/json.ts';
import type { KernelRange } from '../core/kernel-release.ts';
import { plainText } from '../core/text.ts';
import type { AuditReport } from '../pipeline/audit-report.ts';
import type { Plan } from '../plan/plan.ts';
import type { Finding } from '../rules/finding.ts';
import type { Remedy } from '../rules/remedy.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Requirement } from '../sysctl/requirement.ts';
import type { AuditDocument } from './audit-document.ts';
import { kernelJson } from './kernel-json.ts';
import { numberJson } from './number-json.ts';

type ListenerJson = AuditDocument['namespaces'][number]['listeners'][number];
type FindingJson = AuditDocument['findings'][number];
type RemedyJson = FindingJson['remedies'][number];

function queuesJson({ acceptQueue, synQueue, listener }: ListenerAssessment) {
  return {
    acceptQueue:
      acceptQueue === null
        ? null
        : {
            ...numberJson('limit', acceptQueue.limit),
            ...numberJson('capacity', acceptQueue.capacity),
            length: listener.length ?? null,
          },
    synQueue:
      synQueue === null
        ? null
        : {
            ...numberJson('hardLimit', synQueue.hardLimit),
            ...numberJson('unprovenCapacity', synQueue.unprovenCapacity),
            ...numberJson('provenCapacity', synQueue.provenCapacity),
            whenFull: synQueue.whenFull,
          },
  };
}

export function listenerJson(assessed: ListenerAssessment): ListenerJson {
  const { listener, backlog, relisten } = assessed;
  const tcp = listener.protocol === 'tcp' ? listener : null;
  return {
    id: assessed.id,
    protocol: listener.protocol,
    address: tcp?.address ?? null,
    port: tcp?.port ?? null,
    zone: tcp?.zone ?? null,
    v6only: tcp?.v6only ?? null,
    path: listener.protocol === 'unix' ? listener.path : null,
    processes: [...(listener.processes ?? [])],
    server: listener.server ?? null,
    unit: listener.unit ?? null,
    cgroup: listener.cgroup ?? null,
    uid: listener.uid ?? null,
    backlog: {
      requested: backlog.requested,
      source: backlog.source,
      file: backlog.at?.file ?? null,
      line: backlog.at?.line ?? null,
      followsSomaxconn: backlog.followsSomaxconn,
    },
    ...queuesJson(assessed),
    boundBy: assessed.boundBy,
    relisten: { ...relisten },
  };
}

function requirementJson({ because, ...rest }: Requirement) {
  return { ...rest, because: plainText(because) };
}

function remedyJson(remedy: Remedy): RemedyJson {
  switch (remedy.kind) {
    case 'require':
    case 'set-in-container':
      return { kind: remedy.kind, requirement: requirementJson(remedy.requirement) };
    case 'change-other-manager': {
      const { undo, ...rest } = remedy;
      return {
        ...rest,
        instruction: plainText(remedy.instruction),
        ...(undo !== undefined && { undo: plainText(undo) }),
      };
    }
    default:
      return { ...remedy, instruction: plainText(remedy.instruction) };
  }
}

export function findingJson(finding: Finding): FindingJson {
  return {
    id: finding.id,
    rule: finding.rule,
    netns: finding.netns,
    subjects: finding.subjects.map(({ id }) => id),
    severity: finding.severity,
    confidence: finding.confidence,
    messageId: finding.messageId,
    args: { ...finding.args },
    message: plainText(finding.message),
    evidence: finding.evidence.map(({ name, measured, expected }) => ({
      name: plainText(name),
      measured: plainText(measured),
      expected: expected === null ? null : plainText(expected),
    })),
    remedies: finding.remedies.map(remedyJson),
  };
}

function namespaceJson({ namespace, environment, listeners }: NamespaceAssessment) {
  return { id: namespace.id, name: namespace.name, environment, listeners: listeners.map(listenerJson) };
}

function hostJson({ host, loader }: Snapshot, range: KernelRange): AuditDocument['host'] {
  return {
    kernel: kernelJson(host.kernel.release, range),
    memoryBytes: valueOr(host.memoryBytes, null),
    cpus: valueOr(host.cpus, null),
    environment: host.environment ?? 'host',
    operatingSystem: host.operatingSystem?.ok ? host.operatingSystem.value.name : null,
    loader: loader?.kind.ok ? { kind: loader.kind.value, version: valueOr(loader.version, null) } : null,
  };
}

export function auditDocument(report: AuditReport, plan: Plan | null): AuditDocument {
  const { snapshot, traits, namespaces } = report.assessment;
  return {
    kind: 'audit',
    schemaVersion: 0,
    takenAt: snapshot.takenAt,
    complete: report.complete,
    unseen: [...report.unseen],
    host: hostJson(snapshot, traits.kernel.range),
    namespaces: namespaces.map(namespaceJson),
    findings: report.findings.map(findingJson),
    suppressed: report.suppressed.map(({ finding, waiver }) => ({
      finding: findingJson(finding),
      reason: waiver.reason,
      until: waiver.until,
    })),
    lapsed: report.lapsed.map((each) => ({ ...each })),
    notChecked: report.notChecked.map((each) => ({ ...each })),
    plan,
    actions: [...report.actions],
  };
}

/** The same in parts, for one that may be large. */
export function* jsonLines(document: unknown): Generator<string> {
  yield* jsonChunks(document, 2);
  yield '\n';
}

/** JSON for a pipe: one document, two spaces, a newline at the end. */
export function renderJson(document: unknown): string {
  return `${jsonText(document, 2)}\n`;
}
