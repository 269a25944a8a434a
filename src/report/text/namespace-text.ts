/**
 * What a change of another network namespace is worth.
 * @param netns as typed: a name, or the PID of a process in it
 */
export function namespaceText(netns: string): string {
  const which = /^\d+$/.test(netns) ? `of process ${netns}` : netns;
  return `These are values of the network namespace ${which} alone. Nothing is written that would set them again: they go with it.`;
}
