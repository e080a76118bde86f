/** An object of Kubernetes as far as the checks read it. The schemas of Kubernetes say what else it may hold. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec?: ObjectSpec;
  /** Of a ConfigMap. */
  readonly data?: Readonly<Record<string, string>>;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Of any kind: each has some of these. */
export interface ObjectSpec {
  readonly replicas?: number;
  readonly serviceName?: string;
  readonly selector?: Readonly<Record<string, unknown>>;
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly template?: { readonly metadata: Metadata; readonly spec: PodSpec };
  readonly ports?: readonly { readonly name?: string; readonly targetPort: string }[];
  readonly ingress?: readonly { readonly ports: readonly { readonly port: string }[]; readonly from?: unknown[] }[];
  readonly scaleTargetRef?: { readonly kind?: string; readonly name: string };
  readonly endpoints?: readonly { readonly port: string }[];
  readonly triggers?: readonly { readonly metadata: Readonly<Record<string, string>> }[];
}

export interface PodSpec extends Readonly<Record<string, unknown>> {
  readonly securityContext?: SecurityContext;
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly initContainers?: readonly Container[];
  readonly containers: readonly [Container, ...Container[]];
}

export interface Container {
  readonly name: string;
  readonly securityContext?: SecurityContext;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number; readonly hostPort?: number }[];
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly { readonly mountPath: string }[];
  readonly lifecycle?: {
    readonly preStop: {
      readonly sleep?: { readonly seconds: number };
      readonly exec?: { readonly command: readonly string[] };
    };
  };
}

/** Of a pod or of a container: the container's wins. */
export interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly allowPrivilegeEscalation?: boolean;
  readonly privileged?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly seccompProfile?: { readonly type: string };
}

/** The pods that a release runs, and how many. @throws Error where there is none */
export function workloadOf(objects: readonly KubernetesObject[]): Workload {
  const workload = objects.find(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment');
  const template = workload?.spec?.template;
  if (workload?.spec === undefined || template === undefined) throw new Error('there is no workload');
  return { ...workload, spec: { ...workload.spec, template } };
}

/** A StatefulSet or a Deployment. */
export interface Workload extends KubernetesObject {
  readonly spec: ObjectSpec & { readonly template: { readonly metadata: Metadata; readonly spec: PodSpec } };
}
