export const RUN_EXAMPLE = {
  run_id: 'run_0mb1q2c3d40000a1b2c3d4',
  passed: true,
  duration_ms: 12_340,
  steps_passed: 3,
  steps_total: 3,
  details: 'All steps passed.',
  step_results: [{ step_number: 1, name: 'login', type: 'http', passed: true, duration_ms: 120 }],
  error: null,
  triggered_by: 'schedule',
  started_at: '2026-02-14T10:00:00.000Z',
  completed_at: '2026-02-14T10:00:12.340Z',
};

export const MONITOR_INPUT_EXAMPLE = {
  name: 'Login Flow',
  url: 'https://example.com/login',
  interval_seconds: 60,
  steps: [
    {
      type: 'http',
      name: 'login',
      method: 'POST',
      url: 'https://example.com/api/login',
      body: { user: 'probe' },
      assert: [{ source: 'status', op: 'eq', value: 200 }],
      capture: [{ name: 'token', source: 'json', path: '$.token' }],
    },
  ],
};
