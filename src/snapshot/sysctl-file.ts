import * as z from 'zod';

const SysctlFileKind = z.enum(['file', 'link', 'dangling', 'loop', 'directory', 'fifo', 'unreadable']);

/**
 * A file that a loader reads or that masks one, with its bytes: `text` where they are UTF-8, else `base64`;
 * neither for what cannot be read. Of a link, the bytes are those of the file it leads to.
 */
export const SysctlFile = z.object({
  path: z.string(),
  kind: SysctlFileKind,
  mode: z.exactOptional(z.string().regex(/^0[0-7]{3,4}$/)),
  target: z.exactOptional(z.string()),
  text: z.exactOptional(z.string()),
  base64: z.exactOptional(z.string()),
  /** The loader gets it as its credential, by `SetCredential=` or `LoadCredential=` in a drop-in of its unit. */
  credential: z.exactOptional(z.enum(['set', 'loaded'])),
});
export type SysctlFile = z.infer<typeof SysctlFile>;

/** Each glob of the files with the `/proc/sys` paths it matched and their modes. */
export const GlobMatches = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));
export type GlobMatches = z.infer<typeof GlobMatches>;
