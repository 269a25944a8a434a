import type { ShadowReason } from '../../resolve/resolution.ts';

/** Why a line does not decide its key, after a colon. */
export const SHADOW_WORDS: Readonly<Record<ShadowReason, string>> = {
  'masked-file': 'its file is masked by one of the same name',
  'file-not-read': 'its file is not read',
  'volatile-file': 'its file is gone after a boot',
  'later-file': 'a later file sets it again',
  'later-line': 'a later line sets it again',
  repeated: 'it repeats the line that decides, and takes over where that is deleted',
  'glob-beaten-by-key': 'the key is set by its name elsewhere',
  'pattern-kept-off': 'an exclusion keeps the pattern off it',
  excluded: 'an exclusion takes it out',
  'unknown-key': 'the kernel has no such key',
  'before-module': 'the key is not there yet at boot: nothing loads its kernel module before',
  'refused-value': 'the kernel refuses the value',
  'not-writable': 'it names nothing that can be written',
  'passed-over': 'the loader never sets a key of that name',
  'not-reached': 'the loader ends before it comes to the line',
  'side-effect': 'a later write of another key changes it',
};
