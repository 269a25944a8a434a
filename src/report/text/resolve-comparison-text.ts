import type { KeyValue } from '../../assess/key-value.ts';
import { escapeControls } from '../../core/text.ts';
import type { Comparison, Disagreement } from '../../pipeline/sysctl-resolve.ts';
import { hanging } from '../layout.ts';
import {
  field,
  layoutOf,
  onSameFiles,
  placeText,
  type ResolveLayout,
  type ResolveTextOptions,
  valueText,
} from './resolve-layout.ts';

function sideText({ value, from, through, kind, why }: KeyValue): string {
  if (kind === 'unknown') return `not known: ${escapeControls(why ?? '')}`;
  const place = from === null ? "the kernel's own" : `from ${placeText(from)}`;
  return `${value === null ? 'not known' : valueText(value)}, ${place}${through === null ? '' : ` through ${escapeControls(through)}`}`;
}

function laterText({ value, by }: NonNullable<Disagreement['later']>, { style }: ResolveLayout): string {
  return value === null ? `not known: ${style.text(by)}` : `${valueText(value)}, by ${style.text(by)}`;
}

function disagreementLines(
  { key, boot, later, byHand }: Disagreement,
  layout: ResolveLayout,
): readonly string[] {
  return [
    layout.style.heading(escapeControls(key)),
    ...field('At boot', sideText(boot), layout),
    ...(later === null ? [] : field('Then', laterText(later, layout), layout)),
    ...field('By hand', sideText(byHand), layout),
  ];
}

/** Every key that `sysctl --system` changes after the boot; ends with a newline. */
export function renderComparison(comparison: Comparison, options: ResolveTextOptions): string {
  const layout = layoutOf(options);
  const { boot, byHand, disagreements, takenBack } = comparison;
  const then = takenBack ? '; the next boot takes that back' : ', which this host does not boot with';
  const lines =
    disagreements.length === 0
      ? hanging(
          '',
          `sysctl --system (${byHand}) leaves everything as ${boot} sets it at boot.`,
          layout.columns,
        )
      : [
          ...hanging(
            '',
            `sysctl --system (${byHand}) would change ${disagreements.length === 1 ? '1 key' : `${disagreements.length} keys`} after a boot with ${boot}${then}.`,
            layout.columns,
          ),
          ...disagreements.flatMap((each) => ['', ...disagreementLines(each, layout)]),
          '',
          ...onSameFiles('What a boot does', 'sysctl resolve', layout),
        ];
  return `${lines.join('\n')}\n`;
}
