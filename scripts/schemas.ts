import * as z from 'zod';
import { Plan } from '../src/plan/plan.ts';
import { ProfileDocument } from '../src/profile/document.ts';
import { AuditDocument } from '../src/report/audit-document.ts';
import {
  ConfirmDocument,
  Receipt,
  RecoveryDocument,
  RollbackDocument,
  StatusDocument,
} from '../src/report/change-document.ts';
import { ErrorDocument } from '../src/report/error-document.ts';
import { ExplanationDocument } from '../src/report/explain-document.ts';
import { HistoryDocument, TransactionDocument } from '../src/report/history-document.ts';
import { LabDocument } from '../src/report/lab-document.ts';
import { BuffersDocument } from '../src/report/model-buffers-document.ts';
import { ModelDocument } from '../src/report/model-document.ts';
import { ProfileReport, ProfilesDocument, ProfileValidation } from '../src/report/profiles-document.ts';
import { ComparisonDocument, ResolutionDocument } from '../src/report/resolve-document.ts';
import { RulesDocument } from '../src/report/rules-document.ts';
import { Snapshot } from '../src/snapshot/snapshot.ts';

/** `facts` is what we read and take null for left out in; `orders` is what we read as it stands. */
type Use = 'facts' | 'orders' | 'output';

function render(title: string, schema: z.ZodType, use: Use): string {
  const io = use === 'output' ? 'output' : 'input';
  const json: Json = JSON.parse(JSON.stringify({ title, ...z.toJSONSchema(schema, { io }) }));
  return `${JSON.stringify(use === 'facts' ? withNulls(json) : json, null, 2)}\n`;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

function isObject(json: Json | undefined): json is { readonly [name: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function orNull(schema: Json): Json {
  return isObject(schema) ? { anyOf: [schema, { type: 'null' }] } : schema;
}

/** Whoever reads a snapshot takes a field that is null for one that was left out. */
function withNulls(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withNulls);
  if (!isObject(schema)) return schema;
  const { properties, required, additionalProperties, ...rest } = schema;
  const needed: readonly Json[] = Array.isArray(required) ? required : [];
  const fields = Object.entries(isObject(properties) ? properties : {}).map(([name, field]) => [
    name,
    needed.includes(name) ? withNulls(field) : orNull(withNulls(field)),
  ]);
  return {
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, withNulls(value)])),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(fields) }),
    ...(required === undefined ? {} : { required }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: orNull(withNulls(additionalProperties)) }),
  };
}

/** The published schemas by file name under schemas/. A test holds that the files are these. */
export function renderSchemas(): ReadonlyMap<string, string> {
  return new Map([
    ['audit.schema.json', render('What backlogctl audit --json prints', AuditDocument, 'output')],
    ['recovery.schema.json', render('What backlogctl recover --json prints', RecoveryDocument, 'output')],
    ['confirm.schema.json', render('What backlogctl confirm --json prints', ConfirmDocument, 'output')],
    [
      'error.schema.json',
      render('What a command of backlogctl prints with --json when it fails', ErrorDocument, 'output'),
    ],
    [
      'explanation.schema.json',
      render('What backlogctl explain --json prints', ExplanationDocument, 'output'),
    ],
    ['history.schema.json', render('What backlogctl history --json prints', HistoryDocument, 'output')],
    ['lab.schema.json', render('What backlogctl lab --json prints', LabDocument, 'output')],
    ['model.schema.json', render('What backlogctl model --json prints', ModelDocument, 'output')],
    [
      'model-buffers.schema.json',
      render('What backlogctl model buffers --json prints', BuffersDocument, 'output'),
    ],
    ['plan.schema.json', render('The changes that backlogctl plans', Plan, 'output')],
    ['profile.schema.json', render('What a kind of host requires of its sysctls', ProfileDocument, 'orders')],
    [
      'profile-report.schema.json',
      render('What backlogctl profiles show --json prints', ProfileReport, 'output'),
    ],
    [
      'profile-validation.schema.json',
      render('What backlogctl profiles validate --json prints', ProfileValidation, 'output'),
    ],
    ['profiles.schema.json', render('What backlogctl profiles --json prints', ProfilesDocument, 'output')],
    ['receipt.schema.json', render('What backlogctl apply --json prints', Receipt, 'output')],
    ['rollback.schema.json', render('What backlogctl rollback --json prints', RollbackDocument, 'output')],
    ['rules.schema.json', render('What backlogctl rules --json prints', RulesDocument, 'output')],
    ['snapshot.schema.json', render('The facts that backlogctl collects about a host', Snapshot, 'facts')],
    [
      'sysctl-comparison.schema.json',
      render('What backlogctl sysctl resolve --compare --json prints', ComparisonDocument, 'output'),
    ],
    [
      'sysctl-resolution.schema.json',
      render('What backlogctl sysctl resolve --json prints', ResolutionDocument, 'output'),
    ],
    ['status.schema.json', render('What backlogctl status --json prints', StatusDocument, 'output')],
    [
      'transaction-report.schema.json',
      render('What backlogctl history show --json prints', TransactionDocument, 'output'),
    ],
  ]);
}
