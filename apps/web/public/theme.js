// Runs before first paint so that no page flashes in the wrong theme; a file of its own because the CSP allows no inline script.
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
