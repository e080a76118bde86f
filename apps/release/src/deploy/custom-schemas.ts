import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, goTool } from '@kafka-http-proxy/testkit';
import { run } from '../machine/run.js';
import { parseYaml } from '../machine/yaml.js';

/** Where the definition of a kind comes from: the Go module of the project that reads such objects. */
interface Source {
  readonly module: string;
  readonly version: string;
  /** The version of the kind's API. */
  readonly api: string;
  /** Path of the definition, below the module or in the folder that controller-gen filled. */
  readonly file: string;
  /** Go package to make the definition of, where the module comes without it. */
  readonly types?: string;
}

const SOURCES: Readonly<Record<string, Source>> = {
  ScaledObject: {
    module: 'github.com/kedacore/keda/v2',
    version: 'v2.21.0',
    api: 'v1alpha1',
    file: 'config/crd/bases/keda.sh_scaledobjects.yaml',
  },
  ServiceMonitor: {
    module: 'github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring',
    version: 'v0.95.2',
    api: 'v1',
    file: 'monitoring.coreos.com_servicemonitors.yaml',
    types: './v1',
  },
  PrometheusRule: {
    module: 'github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring',
    version: 'v0.95.2',
    api: 'v1',
    file: 'monitoring.coreos.com_prometheusrules.yaml',
    types: './v1',
  },
};

/** What makes definitions of Go types; the projects do it with the same program. */
const CONTROLLER_TOOLS = 'v0.23.0';

/**
 * Path of the JSON schema of a kind that is not of Kubernetes itself; made of its CustomResourceDefinition on first use.
 *
 * @param goModule folder of a module's sources
 * @throws Error for a kind without a source, or with what Go said
 */
export async function customSchema(
  kind: string,
  goModule: (path: string, version: string) => Promise<string>,
): Promise<string> {
  const source = SOURCES[kind];
  if (source === undefined) throw new Error(`there is no source of the schema of ${kind}`);
  return await cached(`${kind}-${source.version}.json`, async (draft) => {
    let folder = await goModule(source.module, source.version);
    if (source.types !== undefined) folder = await generate(folder, source.types, draft);
    const definition = parseYaml<Definition>(await readFile(join(folder, source.file), 'utf8'));
    const version = definition.spec.versions.find(({ name }) => name === source.api);
    if (version === undefined) throw new Error(`${source.file} has no version ${source.api}`);
    const group = definition.spec.group;
    const file = join(draft, 'schema.json');
    await writeFile(file, JSON.stringify(objectSchema(version.schema.openAPIV3Schema, `${group}/${source.api}`, kind)));
    return file;
  });
}

async function generate(folder: string, types: string, draft: string): Promise<string> {
  const generator = await goTool('controller-gen', 'sigs.k8s.io/controller-tools/cmd/controller-gen', CONTROLLER_TOOLS);
  const made = join(draft, 'definitions');
  await mkdir(made);
  await run(generator, ['crd:crdVersions=v1', `paths=${types}`, `output:crd:dir=${made}`], { cwd: folder });
  return made;
}

/** What is read of a CustomResourceDefinition. */
interface Definition {
  readonly spec: {
    readonly group: string;
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** Of OpenAPI 3 as Kubernetes has it; what else it holds means the same in JSON schema. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly format?: string;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly [keyword: string]: unknown;
}

/** The schema of a whole object of a kind, for a validator that knows neither OpenAPI nor Kubernetes. */
export function objectSchema(schema: Schema, apiVersion: string, kind: string): Schema {
  const strict = jsonSchema(schema);
  const metadata = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...strict,
    required: ['apiVersion', 'kind', 'metadata', ...(schema.required ?? [])],
    properties: { ...strict.properties, apiVersion: { const: apiVersion }, kind: { const: kind }, metadata },
  };
}

/** Unknown keys are refused, as `kubectl --validate=strict` does: a server would drop them without a word. */
function jsonSchema(schema: Schema): Schema {
  const { nullable, format: _, additionalProperties, ...rest } = schema;
  const properties = rest.properties && mapped(rest.properties, jsonSchema);
  const closed = properties !== undefined && rest['x-kubernetes-preserve-unknown-fields'] !== true;
  return {
    ...rest,
    ...(rest['x-kubernetes-int-or-string'] && { type: ['integer', 'string'] }),
    ...(nullable && rest.type !== undefined && { type: [rest.type, 'null'].flat() }),
    ...(properties && { properties }),
    ...(rest.items && { items: jsonSchema(rest.items) }),
    ...(closed && { additionalProperties: false }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: jsonSchema(additionalProperties) }),
  };
}

function mapped<T, U>(values: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
