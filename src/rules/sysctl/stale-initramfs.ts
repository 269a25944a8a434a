import { command, path, text } from '../../core/text.ts';
import { defineRule, type Report } from '../rule.ts';

const messages = {
  older: ({ image }: { readonly image: string }) =>
    text`the initramfs ${path(image)} is older than the last change of a sysctl file: a line that was deleted since may still be applied from it at boot (${command('dracut --force')} builds it anew)`,
};

export const staleInitramfs = defineRule({
  id: 'sysctl/stale-initramfs',
  title: 'The initramfs holds an older copy of the sysctl files',
  why: 'The sysctl files in the image are applied before those on the disk, so a line that no file holds any more goes on counting.',
  references: ['man 8 dracut', 'man 7 dracut.modules'],
  requires: ['writers'],
  uses: [],
  messages,
  check(facts) {
    if (!facts.filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const reports = facts.writers.images.map(
      (image): Report<typeof messages> => ({
        messageId: 'older',
        args: { image },
        subject: { id: image, label: text`${path(image)}` },
        cause: image,
        severity: 'info',
        confidence: 'assumed',
        evidence: [
          {
            name: text`${path(image)}`,
            measured: text`older than a sysctl file`,
            expected: text`as new as the last of them`,
          },
        ],
        remedies: [],
      }),
    );
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
