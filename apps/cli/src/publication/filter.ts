import type { ExportPublicationsInput, PublicationStatus } from '@tidemark/core/publications/contract';
import { PUBLICATION_STATUSES, SUB_STATUSES } from '@tidemark/core/publications/contract';
import { Option, type Command } from 'commander';

export interface FilterOptions {
  status?: PublicationStatus;
  cause?: ExportPublicationsInput['sub_status'];
  platform?: string;
  account?: string;
  campaign?: string;
}

/** The options that say which publications are meant. */
export function addFilter(command: Command): Command {
  return command
    .addOption(new Option('--status <status>', 'only these').choices(PUBLICATION_STATUSES))
    .addOption(new Option('--cause <cause>', 'only those that ended or wait for this').choices(SUB_STATUSES))
    .option('--platform <platform>', 'only this platform')
    .option('--account <account>', 'only this social account')
    .option('--campaign <id>', 'only this campaign');
}

export function toFilter({ status, cause, platform, account, campaign }: FilterOptions) {
  return {
    ...(status === undefined ? {} : { status }),
    ...(cause === undefined ? {} : { sub_status: cause }),
    ...(platform === undefined ? {} : { platform }),
    ...(account === undefined ? {} : { social_account_id: account }),
    ...(campaign === undefined ? {} : { campaign_id: campaign }),
  };
}
