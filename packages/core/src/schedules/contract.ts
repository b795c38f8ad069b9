/** How cron expressions are read everywhere: five fields, or six with seconds first. */
export const CRON_MODE = '5-or-6-parts';
