import { beatenByVendor } from '../../../src/rules/sysctl/beaten-by-vendor.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const KEY = 'net.core.netdev_max_backlog';
const OWN = '/etc/sysctl.d/99-advisor.conf';
const VENDOR = '/usr/lib/sysctl.d/99-cachyos-settings.conf';

function host(own: string, vendor: string, more: Parameters<typeof hostOf>[0] = {}) {
  return hostOf({ files: { [OWN]: `${KEY} = ${own}\n`, [VENDOR]: `${KEY} = ${vendor}\n` }, ...more });
}

const found = {
  messageId: 'beaten',
  severity: 'low',
  confidence: 'inferred',
  subjects: [KEY],
  args: { key: KEY, value: '1000', line: `${OWN}:1`, vendor: `${VENDOR}:1`, wins: '4096' },
  remedies: [`delete-line ${OWN}:1 persistence`],
} as const;

testRule(beatenByVendor, {
  pass: [
    { name: 'both say the same', host: host('4096', '4096') },
    {
      name: 'the administrator is read later',
      host: hostOf({
        files: { '/etc/sysctl.d/99-zz.conf': `${KEY} = 1000\n`, [VENDOR]: `${KEY} = 4096\n` },
      }),
    },
    {
      name: 'a file of the same name hides the one of the package',
      host: hostOf({
        files: { '/etc/sysctl.d/99-cachyos-settings.conf': `${KEY} = 1000\n`, [VENDOR]: `${KEY} = 4096\n` },
      }),
    },
    {
      name: 'a live value that the boot changes is told elsewhere',
      host: host('1000', '4096', { sysctls: { [KEY]: 1000 } }),
    },
    {
      name: 'our own drop-in, whose plan says so',
      host: hostOf({
        files: { '/etc/sysctl.d/90-backlogctl.conf': `${KEY} = 1000\n`, [VENDOR]: `${KEY} = 4096\n` },
      }),
    },
    {
      name: 'two packages',
      host: hostOf({ files: { '/usr/lib/sysctl.d/10-a.conf': `${KEY} = 1\n`, [VENDOR]: `${KEY} = 4096\n` } }),
    },
  ],
  notApplicable: [{ name: 'a container', host: host('1000', '4096', { environment: 'container' }) }],
  fail: [
    { name: 'nobody knows the live value', host: host('1000', '4096'), findings: [found] },
    {
      name: 'the package has won already',
      host: host('1000', '4096', { sysctls: { [KEY]: 4096 } }),
      findings: [found],
    },
  ],
});
