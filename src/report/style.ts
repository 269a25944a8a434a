import { styleText } from 'node:util';
import { escapeControls, type Span, type SpanKind, type Text } from '../core/text.ts';
import type { Severity } from '../rules/rule.ts';

type Format = Parameters<typeof styleText>[0];

/** Whether the terminal takes colours is decided in cli; a style only applies the decision. */
export type Style = {
  span(span: Span): string;
  text(text: Text): string;
  severity(severity: Severity, label: string): string;
  heading(label: string): string;
  faint(label: string): string;
  /** Lines of a diff. */
  added(line: string): string;
  removed(line: string): string;
};

const SPAN_FORMATS: Readonly<Record<SpanKind, Format | null>> = {
  plain: null,
  key: 'cyan',
  value: 'bold',
  path: 'cyan',
  command: 'green',
  name: 'bold',
};

const SEVERITY_FORMATS: Readonly<Record<Severity, Format>> = {
  high: ['bold', 'red'],
  medium: ['bold', 'yellow'],
  low: 'yellow',
  info: 'dim',
};

export function styleFor(color: boolean): Style {
  function paint(format: Format | null, label: string): string {
    return color && format !== null ? styleText(format, label, { validateStream: false }) : label;
  }
  function span({ kind, text }: Span): string {
    return paint(SPAN_FORMATS[kind], escapeControls(text));
  }
  return {
    span,
    text: (text) => text.map(span).join(''),
    severity: (severity, label) => paint(SEVERITY_FORMATS[severity], label),
    heading: (label) => paint('bold', label),
    faint: (label) => paint('dim', label),
    added: (line) => paint('green', line),
    removed: (line) => paint('red', line),
  };
}
