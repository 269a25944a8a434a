/**
 * What a change of another network namespace is worth.
 * @param netns `blue`, `of process 4711`
 */
export function namespaceText(netns: string): string {
  return `These are values of the network namespace ${netns} alone. Nothing is written that would set them again: they go with it.`;
}
