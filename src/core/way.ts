/** What a person may do, and what to type for it where that is one command. */
export type Way = { readonly instruction: string; readonly command: string | null };

export function wayText({ instruction, command }: Way): string {
  return command === null ? instruction : `${instruction}: ${command}`;
}

/** Ways that are no single command. */
export function inWords(instructions: readonly string[]): readonly Way[] {
  return instructions.map((instruction) => ({ instruction, command: null }));
}
