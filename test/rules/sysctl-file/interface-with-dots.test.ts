import { interfaceWithDots } from '../../../src/rules/sysctl-file/interface-with-dots.ts';
import { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { FILE, tuned } from '../advice/rows.ts';
import { hostOf } from '../host.ts';

const WRONG = 'net.ipv4.conf.eth0.1.rp_filter';
const RIGHT = 'net.ipv4.conf.eth0/1.rp_filter';

function misspelt(key: string, right: string, loader: string) {
  return {
    messageId: 'misspelt',
    severity: 'low',
    confidence: 'inferred',
    subjects: [`${FILE}:1`],
    args: { line: `${FILE}:1`, key, right, loader },
    remedies: [`delete-line ${FILE}:1 bad-setting`],
  } as const;
}

const BUSYBOX = Snapshot.parse({
  ...hostOf({ files: { '/etc/sysctl.conf': `${WRONG} = 1\n` } }),
  loader: { kind: { ok: true, value: 'busybox' } },
});
const { loader: _loader, ...ANY_LOADER } = hostOf(tuned(`${WRONG} = 1`));

testRule(interfaceWithDots, {
  pass: [
    {
      name: 'spelt well, either way',
      host: hostOf(tuned(`${RIGHT} = 1\nnet/ipv4/conf/eth0.1/rp_filter = 1`)),
    },
    {
      name: 'no dots',
      host: hostOf(
        tuned('net.ipv4.conf.eth0.rp_filter = 1\nnet.ipv4.conf.*.rp_filter = 2\nnet.core.somaxconn = 4096'),
      ),
    },
    {
      name: 'in our own drop-in',
      host: hostOf({ files: { '/etc/sysctl.d/90-backlogctl.conf': `${WRONG} = 1\n` } }),
    },
  ],
  notApplicable: [
    { name: 'busybox', host: BUSYBOX },
    { name: 'a container', host: hostOf({ environment: 'container', files: { [FILE]: `${WRONG} = 1\n` } }) },
  ],
  unknown: [
    {
      name: 'a loader that was assumed',
      host: ANY_LOADER,
      why: 'nobody knows which program reads the sysctl files',
    },
  ],
  fail: [
    {
      name: 'systemd',
      host: hostOf(tuned(`${WRONG} = 1`)),
      findings: [misspelt(WRONG, RIGHT, 'systemd-sysctl')],
    },
    {
      name: 'procps',
      host: hostOf(tuned(`${WRONG} = 1`, { loader: 'procps' })),
      findings: [misspelt(WRONG, RIGHT, 'procps sysctl')],
    },
    {
      name: 'two dots, and a pattern',
      host: hostOf(tuned('net.ipv6.conf.br.10.*.accept_ra = 0')),
      findings: [
        misspelt('net.ipv6.conf.br.10.*.accept_ra', 'net.ipv6.conf.br/10/*.accept_ra', 'systemd-sysctl'),
      ],
    },
  ],
});
