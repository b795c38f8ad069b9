// What must happen before the modules run; a file of its own because the policy allows no inline script.
// zod would try whether it may compile code, which the content security policy refuses and reports.
globalThis.__zod_globalConfig = { jitless: true };

// Before first paint, so that no page flashes in the wrong theme.
(function () {
  var choice = 'system';
  try {
    choice = JSON.parse(localStorage.getItem('tidemark.theme') || '"system"');
  } catch (_) {
    // Storage may be blocked: follow the system then.
  }
  var dark = matchMedia('(prefers-color-scheme: dark)').matches;
  var theme = choice === 'system' ? (dark ? 'dark' : 'light') : choice;
  document.documentElement.dataset.theme = theme;
})();
