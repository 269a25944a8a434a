import { staleInitramfs } from '../../../src/rules/sysctl/stale-initramfs.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const image = '/boot/initramfs-6.12.0.img';
const copy = {
  by: 'initramfs',
  key: '*',
  relation: 'exactly',
  file: image,
  when: 'before-loader',
  how: 'copy',
  sure: false,
} as const;

testRule(staleInitramfs, {
  pass: [{ name: 'no such image', host: hostOf({ files: {} }) }],
  notApplicable: [
    { name: 'a container', host: hostOf({ environment: 'container', files: {}, otherWriters: [copy] }) },
  ],
  fail: [
    {
      name: 'an older image',
      host: hostOf({ files: {}, otherWriters: [copy] }),
      findings: [
        {
          messageId: 'older',
          severity: 'info',
          confidence: 'assumed',
          subjects: [image],
          args: { image },
          remedies: [],
        },
      ],
    },
  ],
});
