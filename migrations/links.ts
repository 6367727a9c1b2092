import type { ForeignKeyRule, SoftLink } from '../src/schema/link.js';

/** The links of MLflow's schema that have no foreign key, read off MLflow 3.18. */
const store = 'store/tracking/sqlalchemy_store.py';
const models = 'store/tracking/dbmodels/models.py';

const inputs: readonly SoftLink[] = (
  [
    ['source_id', 'datasets', 'dataset_uuid', { source_type: 'DATASET' }, '_log_inputs_impl'],
    ['destination_id', 'runs', 'run_uuid', { destination_type: 'RUN' }, '_log_inputs_impl'],
    ['source_id', 'runs', 'run_uuid', { source_type: 'RUN_INPUT' }, '_log_inputs_impl'],
    ['source_id', 'runs', 'run_uuid', { source_type: 'RUN_OUTPUT' }, 'log_outputs'],
    ['destination_id', 'logged_models', 'model_id', { destination_type: 'MODEL_INPUT' }, '_log_inputs_impl'],
    ['destination_id', 'logged_models', 'model_id', { destination_type: 'MODEL_OUTPUT' }, 'log_outputs'],
  ] as const
).map(([column, to, toColumn, when, writer]) => ({
  ...{ table: 'inputs', column, to, toColumn, when, onDelete: 'delete', mlflow: 'leaves' },
  why: 'an edge between two things, of which one is gone',
  source: `${store}: ${writer}; _hard_delete_run and _hard_delete_logged_model do not touch it`,
}));

const entities = {
  run: ['runs', 'run_uuid'],
  trace: ['trace_info', 'request_id'],
  experiment: ['experiments', 'experiment_id'],
  evaluation_dataset: ['evaluation_datasets', 'dataset_id'],
} as const;

/** Written are trace → run, trace → prompt_version and evaluation_dataset → experiment; read is any pair. */
const associations: readonly SoftLink[] = Object.entries(entities).flatMap(([type, [to, toColumn]]) =>
  (['source', 'destination'] as const).map((side) => ({
    ...{ table: 'entity_associations', column: `${side}_id`, to, toColumn },
    ...{ when: { [`${side}_type`]: type }, onDelete: 'delete', mlflow: 'leaves' },
    why: 'an edge between two things, of which one is gone',
    source: `${store}: link_traces_to_run, link_prompts_to_trace, create_dataset; entities/entity_type.py`,
  })),
);

const rollups: readonly SoftLink[] = [
  ...['sql_trace_rollup_rebuild_queue', 'sql_trace_metric_daily_rollups'],
  ...['sql_span_cost_daily_rollups', 'sql_assessment_daily_rollups'],
].map((table) => ({
  ...{ table, column: 'experiment_id', to: 'experiments', toColumn: 'experiment_id' },
  ...{ onDelete: 'delete', mlflow: 'removes' },
  why: 'sums over the traces of an experiment; an id that is used again would show them',
  source: `${store}: _hard_delete_experiment`,
}));

/** Texts under a key of a tag or of metadata. They belong to the run or trace they stand on, which lives on. */
const tags: readonly SoftLink[] = (
  [
    ['tags', 'mlflow.parentRunId', 'runs', 'run_uuid', 'utils/mlflow_tags.py: MLFLOW_PARENT_RUN_ID'],
    [
      'tags',
      'mlflow.genaiEvaluate.jobId',
      'jobs',
      'id',
      'utils/mlflow_tags.py: MLFLOW_GENAI_EVALUATE_JOB_ID',
    ],
    [
      'tags',
      'mlflow.issueDetection.jobId',
      'jobs',
      'id',
      'utils/mlflow_tags.py: MLFLOW_ISSUE_DETECTION_JOB_ID',
    ],
    ['trace_request_metadata', 'mlflow.sourceRun', 'runs', 'run_uuid', 'tracing/processor/base_mlflow.py'],
    [
      'trace_request_metadata',
      'mlflow.modelId',
      'logged_models',
      'model_id',
      'tracing/processor/base_mlflow.py',
    ],
  ] as const
).map(([table, key, to, toColumn, source]) => ({
  ...{ table, column: 'value', to, toColumn, when: { key }, onDelete: 'keep', mlflow: 'leaves', source },
  why: 'a text that a client wrote and the UI shows; MLflow only searches by it',
}));

/** Every link without a foreign key. */
export const softLinks: readonly SoftLink[] = [
  ...inputs,
  {
    ...{ table: 'input_tags', column: 'input_uuid', to: 'inputs', toColumn: 'input_uuid' },
    ...{ onDelete: 'delete', mlflow: 'leaves' },
    why: 'tags of an edge that is gone',
    source: `${store}: _log_inputs_impl`,
  },
  ...associations,
  {
    ...{ table: 'logged_models', column: 'source_run_id', to: 'runs', toColumn: 'run_uuid' },
    ...{ onDelete: 'clear', mlflow: 'leaves' },
    why: 'a model outlives its run; MLflow clears issues.source_run_id in the same case',
    source: `${store}: create_logged_model`,
  },
  {
    ...{ table: 'logged_model_metrics', column: 'dataset_uuid', to: 'datasets', toColumn: 'dataset_uuid' },
    ...{ onDelete: 'clear', mlflow: 'leaves' },
    why: 'the name and the digest of the dataset stand beside it and stay',
    source: `${store}: _log_model_metrics`,
  },
  {
    ...{ table: 'assessments', column: 'run_id', to: 'runs', toColumn: 'run_uuid' },
    ...{ onDelete: 'delete', mlflow: 'leaves' },
    why: 'MLflow deletes what a run assessed together with the run, and looks at the metadata only',
    source: 'entities/assessment.py: __post_init__ fills it from mlflow.assessment.sourceRunId',
  },
  {
    ...{ table: 'assessments', column: 'assessment_metadata', to: 'runs', toColumn: 'run_uuid' },
    ...{ json: 'mlflow.assessment.sourceRunId', unless: 'run_id', onDelete: 'delete', mlflow: 'leaves' },
    why: 'the same run, where run_id was left empty',
    source: `${store}: _mark_run_deleted looks for this text, when a run is deleted and not when it is collected`,
  },
  {
    ...{ table: 'assessments', column: 'overrides', to: 'assessments', toColumn: 'assessment_id' },
    ...{ onDelete: 'clear', mlflow: 'leaves' },
    why: 'what it replaced is gone, it still counts',
    source: `${store}: create_assessment, delete_assessment`,
  },
  {
    ...{ table: 'assessments', column: 'name', to: 'issues', toColumn: 'issue_id' },
    ...{ when: { assessment_type: 'issue' }, onDelete: 'delete', mlflow: 'leaves' },
    why: 'the assessment is nothing but a reference to the issue, which goes with its experiment',
    source: `${store}: search_issues joins them; ${models}: SqlAssessments.from_mlflow_entity`,
  },
  ...rollups,
  {
    ...{ table: 'endpoint_bindings', column: 'resource_id', to: 'scorers', toColumn: 'scorer_id' },
    ...{ when: { resource_type: 'scorer' }, onDelete: 'delete', mlflow: 'leaves' },
    why: 'delete_scorer does the same; the endpoint itself stays',
    source: `${store}: register_scorer, _cleanup_endpoint_bindings`,
  },
  {
    ...{ table: 'review_queue_items', column: 'item_id', to: 'trace_info', toColumn: 'request_id' },
    ...{ when: { item_type: 'trace' }, onDelete: 'delete', mlflow: 'leaves' },
    why: 'delete_traces does the same: a review of a trace that is gone fails',
    source: `${store}: _delete_review_queue_items_for_traces`,
  },
  {
    ...{
      table: 'review_queue_label_schemas',
      column: 'schema_id',
      to: 'label_schemas',
      toColumn: 'schema_id',
    },
    ...{ onDelete: 'delete', mlflow: 'leaves' },
    why: 'MLflow has no foreign key here only because SQL Server would refuse it, and plans a sweep',
    source: `${models}: SqlReviewQueueLabelSchema`,
  },
  {
    ...{ table: 'model_versions', column: 'run_id', to: 'runs', toColumn: 'run_uuid' },
    ...{ onDelete: 'keep', mlflow: 'leaves' },
    why: 'the registry is not collected; a registered run is kept unless --include-registered says otherwise',
    source: 'store/model_registry/sqlalchemy_store.py: create_model_version',
  },
  {
    ...{ table: 'evaluation_dataset_records', column: 'source_id', to: 'trace_info', toColumn: 'request_id' },
    ...{ when: { source_type: 'TRACE' }, onDelete: 'keep', mlflow: 'leaves' },
    why: 'the record holds a copy of what it needs; the id tells where it came from',
    source: `${models}: SqlEvaluationDatasetRecord.from_mlflow_entity`,
  },
  ...tags,
];

/** A foreign key whose own ON DELETE is not what a collection does. Without an entry: what the key says, no action as delete. */
export const foreignKeyRules: readonly ForeignKeyRule[] = [
  {
    ...{ table: 'guardrails', column: 'scorer_id', onDelete: 'hold' },
    why: 'a guardrail protects an endpoint that is in use; `mlflow gc` fails on its foreign key',
    source: 'store/tracking/gateway/sqlalchemy_mixin.py: create_gateway_guardrail',
  },
];

/**
 * The other columns whose name or type could hide an id, by the reason why none is a link to follow. Together with
 * the foreign keys and `softLinks` they are all of them: test/gc/links.test.ts fails when a revision adds one.
 */
export const noLinks: Readonly<Record<string, readonly string[]>> = {
  'the identity of its own row': [
    ...['datasets.dataset_uuid', 'entity_associations.association_id', 'inputs.input_uuid', 'spans.span_id'],
    ...['model_versions.version', 'scorer_versions.scorer_version', 'skill_versions.version'],
    ...[
      'mcp_server_versions.version',
      'mcp_server_versions.version_major',
      'mcp_server_versions.version_minor',
    ],
    ...['mcp_server_versions.version_patch', 'mcp_server_versions.version_prerelease_sort_key'],
  ],
  'says what kind of thing another column names': [
    ...['assessments.source_type', 'datasets.dataset_source_type', 'entity_associations.source_type'],
    ...['entity_associations.destination_type', 'evaluation_dataset_records.source_type', 'runs.source_type'],
    ...['inputs.source_type', 'inputs.destination_type', 'skill_versions.source_type'],
    ...['budget_policies.target_scope', 'sql_trace_metric_daily_rollups.trace_status'],
  ],
  'a copy of what stands in the parent of a foreign key, and goes with it': [
    ...['assessments.experiment_id', 'assessments.trace_timestamp_ms'],
  ],
  'a span of the same trace, which goes as a whole; a remote parent is never here': [
    ...['assessments.span_id', 'spans.parent_span_id'],
  ],
  'a person or a process outside of MLflow': [
    ...['assessments.source_id', 'model_versions.user_id', 'review_queue_users.user_id', 'runs.user_id'],
    ...['trace_info.client_request_id', 'trace_info.session_id', 'jobs.scoped_permissions'],
  ],
  'where bytes lie; artifacts are collected by their own rules': [
    ...['datasets.dataset_source', 'experiments.artifact_location', 'logged_models.artifact_location'],
    ...['runs.artifact_uri', 'model_versions.source', 'model_versions.storage_location'],
    ...['workspaces.default_artifact_root', 'workspaces.trace_archival_location'],
    ...['workspaces.trace_archival_retention', 'skill_versions.source', 'mcp_server_versions.source'],
    ...['model_versions.run_link', 'runs.source_name', 'runs.source_version', 'runs.entry_point_name'],
  ],
  'names something that gc never deletes (registries, endpoints, model definitions, secrets)': [
    ...[
      'registered_model_aliases.version',
      'mcp_access_endpoints.server_version',
      'mcp_server_aliases.version',
    ],
    ...['skill_aliases.version', 'budget_policies.target_value', 'endpoints.fallback_config_json'],
    ...['model_definitions.model_name', 'spans.model_name', 'sql_span_cost_daily_rollups.model_name'],
    ...['secrets.kek_version'],
  ],
  'the workspace, which gc never deletes': [
    ...[
      'budget_policies',
      'endpoints',
      'evaluation_datasets',
      'experiments',
      'guardrail_configs',
      'guardrails',
    ],
    ...['jobs', 'mcp_servers', 'model_definitions', 'registered_models', 'secrets', 'skills', 'webhooks'],
  ].map((table) => `${table}.workspace`),
  'a name of its own': [
    ...['endpoint_bindings.display_name', 'jobs.job_name', 'logged_model_metrics.metric_name'],
    ...[
      'logged_model_metrics.dataset_name',
      'logged_model_metrics.dataset_digest',
      'mcp_servers.display_name',
    ],
    ...['scorers.scorer_name', 'secrets.secret_name', 'sql_assessment_daily_rollups.metric_name'],
    ...['sql_span_cost_daily_rollups.metric_name', 'sql_trace_metric_daily_rollups.metric_name'],
    ...['spans.name', 'trace_info.trace_name'],
  ],
  'text or JSON of a user or a job; an id in it tells where something came from': [
    ...['assessments.value', 'assessments.error', 'assessments.rationale', 'datasets.dataset_schema'],
    ...[
      'datasets.dataset_profile',
      'evaluation_dataset_records.inputs',
      'evaluation_dataset_records.outputs',
    ],
    ...['evaluation_dataset_records.expectations', 'evaluation_dataset_records.source'],
    ...['evaluation_dataset_records.tags', 'evaluation_datasets.profile', 'evaluation_datasets.schema'],
    ...['experiment_tags.value', 'issue_categories.category', 'issues.categories', 'issues.description'],
    ...['issues.metadata', 'issues.root_causes', 'jobs.params', 'jobs.progress', 'jobs.result'],
    ...[
      'jobs.status_details',
      'jobs.status_message',
      'label_schemas.input_config',
      'label_schemas.instruction',
    ],
    ...['logged_model_params.param_value', 'logged_model_tags.tag_value', 'mcp_server_versions.server_json'],
    ...['mcp_server_versions.connect_options', 'mcp_server_versions.tools', 'mcp_servers.description'],
    ...['mcp_servers.icons', 'model_version_tags.value', 'online_scoring_configs.filter_string'],
    ...[
      'scorer_versions.serialized_scorer',
      'secrets.auth_config',
      'secrets.description',
      'skill_tags.value',
    ],
    ...[
      'skill_version_tags.value',
      'skills.description',
      'skills.icons',
      'skills.search_text',
      'spans.content',
    ],
    ...['workspaces.description'],
  ],
};
