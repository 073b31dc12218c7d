import type { Quirk } from './quirk.ts';

/** Amazon ECR: a token lives for twelve hours and then gets a 403, without a body on HEAD; tag lists refuse pages above 1000. */
export const ecr: Quirk = {
  name: 'Amazon ECR',
  hosts: /^[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]{1,40}\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.aws)$/,
  loginEnded: /authorization token has expired|expired/i,
  silentRefusalEndsLogin: true,
  tagPage: 1000,
};
