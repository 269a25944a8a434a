import { loaderMasked } from '../../../src/rules/sysctl/loader-masked.ts';
import { UDEV_RULE } from '../../pipeline/resolved.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const OURS = '/etc/sysctl.d/60-backlogctl.conf';
const VENDOR = '/usr/lib/sysctl.d/50-default.conf';
const SOMAXCONN = 'net.core.somaxconn';
const ETH0 = 'net.ipv4.conf.eth0.rp_filter';
const maskedBy = '/etc/systemd/system/systemd-sysctl.service';
const files = { [OURS]: `# ours\n${SOMAXCONN} = 8192\n` };

const remedies = ['change-other-manager systemd'];

testRule(loaderMasked, {
  pass: [
    { name: 'no mask', host: hostOf({ files }) },
    {
      name: 'a mask that goes with the boot',
      host: hostOf({ files, maskedBy: '/run/systemd/system/systemd-sysctl.service' }),
    },
    {
      name: 'nothing that it would apply',
      host: hostOf({
        files: {
          '/etc/sysctl.conf': `${SOMAXCONN} = 1\n`,
          '/etc/sysctl.d/a': `${SOMAXCONN} = 1\n`,
          '/run/sysctl.d/a.conf': `${SOMAXCONN} = 1\n`,
          [OURS]: '# nothing\n',
        },
        maskedBy,
      }),
    },
    {
      name: 'keys of interfaces alone, which udev sets',
      host: hostOf({ files: { [OURS]: `${ETH0} = 2\n` }, otherWriters: [UDEV_RULE], maskedBy }),
    },
  ],
  notApplicable: [{ name: 'a container', host: hostOf({ environment: 'container', files, maskedBy }) }],
  unknown: [
    {
      name: 'the files were not read',
      host: hostOf({ maskedBy }),
      why: 'the sysctl files were not collected',
    },
  ],
  fail: [
    {
      name: 'a line of our own',
      host: hostOf({ files, maskedBy }),
      findings: [
        {
          messageId: 'masked',
          severity: 'medium',
          confidence: 'inferred',
          args: { mask: maskedBy, settings: 1, files: 1 },
          subjects: [maskedBy],
          remedies,
        },
      ],
    },
    {
      name: "packages' files alone, and a pattern that stands for more than interfaces",
      host: hostOf({
        files: {
          [VENDOR]: `net.ipv4.conf.*.rp_filter = 2\n${ETH0} = 1\n`,
          '/usr/lib/sysctl.d/a.conf': 'vm.x = 1\n',
        },
        otherWriters: [UDEV_RULE],
        maskedBy,
      }),
      findings: [
        {
          messageId: 'masked',
          severity: 'low',
          confidence: 'inferred',
          args: { mask: maskedBy, settings: 2, files: 2 },
          subjects: [maskedBy],
          remedies,
        },
      ],
    },
  ],
});
