/** Operations of Kafka's ACLs that are needed here. */
export type AccessOperation = 'Read' | 'Write' | 'Describe';

/** What a service has to be allowed to do with one resource. */
export interface AccessNeed {
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly operations: readonly AccessOperation[];
  /** True for what requests can be taken without; `unused`: until it was wanted and refused. */
  readonly optional?: boolean | 'unused';
}

/** A need of which Kafka denies these operations. */
export type DeniedAccess = AccessNeed;
