import { AuditDocument } from '../../src/report/audit-document.ts';
import type { Outcome } from './sandbox.ts';

export type AuditedListener = AuditDocument['namespaces'][number]['listeners'][number];
export type AuditedFinding = AuditDocument['findings'][number];

/** What `audit --json` printed, held against the schema of it. */
export function auditDocument(outcome: Outcome): AuditDocument {
  if (outcome.stdout === '') throw new Error(`no output, status ${outcome.status}: ${outcome.stderr}`);
  return AuditDocument.parse(JSON.parse(outcome.stdout));
}

export function listeners(document: AuditDocument): readonly AuditedListener[] {
  return document.namespaces.flatMap((namespace) => namespace.listeners);
}

/** The only TCP listener on the port. */
export function onPort(document: AuditDocument, port: number): AuditedListener {
  const found = listeners(document).filter((each) => each.protocol === 'tcp' && each.port === port);
  const [only] = found;
  if (only === undefined || found.length !== 1) throw new Error(`${found.length} listeners on port ${port}`);
  return only;
}

export function findingsAbout(document: AuditDocument, listener: AuditedListener): readonly AuditedFinding[] {
  return document.findings.filter(({ subjects }) => subjects.includes(listener.id));
}
