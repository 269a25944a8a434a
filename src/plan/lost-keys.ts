import type { BootResolution } from '../assess/assessment.ts';
import { type DropInLine, renderDropIn } from './drop-in.ts';
import type { Files } from './files.ts';
import { type Lost, lostLine } from './lost-line.ts';
import type { PlanInput } from './plan-input.ts';

export type LostKey = Lost & Pick<DropInLine, 'key' | 'because'>;

/** The files of others and the host that they stand on. */
export type Place = Pick<PlanInput, 'assessment' | 'ours'>;

/** The files of others with ours among them, under another name where one is given; null without a line of ours. */
export function filesWith(
  lines: readonly DropInLine[],
  others: Files,
  { assessment, ours }: Place,
  path = ours.dropIn.path,
): Files | null {
  const { kernel } = assessment.snapshot.host;
  const text = renderDropIn(lines, { kernel: kernel.release, memoryBytes: null, profiles: [] });
  return text === null ? null : [...others, { path, kind: 'file', mode: '0644', text }];
}

/** The same as they are read at boot; null where nobody knows how they are, too. */
export function resolvedWith(
  lines: readonly DropInLine[],
  others: Files,
  place: Place,
  path?: string,
): BootResolution | null {
  const files = filesWith(lines, others, place, path);
  return files === null ? null : place.assessment.resolutionOf(files);
}

/** Our lines that do not decide their keys. */
export function lostUnder(
  path: string,
  lines: readonly DropInLine[],
  resolution: BootResolution,
): readonly LostKey[] {
  return lines.flatMap((line): readonly LostKey[] => {
    const lost = lostLine(line, resolution.bootValue(line.key), path);
    return lost === null ? [] : [{ ...lost, key: line.key, because: line.because }];
  });
}
