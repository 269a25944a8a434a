import type { Text } from '../core/text.ts';
import type { FileLine } from '../snapshot/fact.ts';
import type { Requirement } from '../sysctl/requirement.ts';

/** What would mend a finding. Only `require` can become a step of a plan; the others are a person's to do. */
export type Remedy =
  | { readonly kind: 'require'; readonly requirement: Requirement }
  /** A requirement that only the container's definition can meet: the host's sysctl files never reach it. */
  | { readonly kind: 'set-in-container'; readonly requirement: Requirement }
  | {
      readonly kind: 'edit-config';
      readonly server: string;
      /** The line as the server's configuration spells it, where we know it. */
      readonly line: string | null;
      readonly at: FileLine | null;
      /** The listen() argument to configure; left out where the change is not about it. */
      readonly backlog?: number;
      /** What the configuration asks for until then; null where that is a default. */
      readonly was?: number | null;
      readonly instruction: Text;
    }
  | {
      readonly kind: 'relisten';
      readonly server: string;
      readonly command: string | null;
      readonly disruptive: boolean;
      readonly instruction: Text;
    }
  | {
      readonly kind: 'delete-line';
      readonly at: FileLine;
      /** The setting itself is bad, or it stands in the way of the wanted value at boot. */
      readonly purpose: 'bad-setting' | 'persistence';
      readonly instruction: Text;
    }
  | {
      readonly kind: 'change-other-manager';
      readonly manager: string;
      readonly at: FileLine | null;
      readonly instruction: Text;
      /** How to take it back, where that can be said. */
      readonly undo?: Text;
    }
  | { readonly kind: 'investigate'; readonly instruction: Text };

/** What a person or a plan does about a remedy, as `actions` of the audit's JSON names it. */
export const ACTIONS = [
  'set-sysctl',
  'change-server',
  'relisten',
  'set-in-container',
  'fix-persistence',
  'remove-setting',
  'change-other-manager',
  'investigate',
] as const;

export type Action = (typeof ACTIONS)[number];

export function actionOf(remedy: Remedy): Action {
  switch (remedy.kind) {
    case 'require':
      return 'set-sysctl';
    case 'edit-config':
      return 'change-server';
    case 'delete-line':
      return remedy.purpose === 'persistence' ? 'fix-persistence' : 'remove-setting';
    default:
      return remedy.kind;
  }
}
