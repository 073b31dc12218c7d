import type { Quirk } from './quirk.ts';

/** Amazon ECR Public: everybody may pull, by a token that is given to nobody in particular. */
export const ecrPublic: Quirk = { name: 'Amazon ECR Public', hosts: /^public\.ecr\.aws$/, tagPage: 1000 };
