const SECOND_MS = 1000;

/** `4 min 20 s`, `55 s`, `2 h 5 min`: seconds are left out from an hour on, and what is less than one is one. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / SECOND_MS));
  const parts: readonly (readonly [amount: number, unit: string])[] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds < 3600 ? seconds % 60 : 0, 's'],
  ];
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}
