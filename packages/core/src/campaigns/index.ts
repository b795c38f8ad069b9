export { countCampaign } from './count-campaign.ts';
export { createCampaign } from './create-campaign.ts';
export { getCampaign } from './get-campaign.ts';
export { listCampaigns } from './list-campaigns.ts';
export { CAMPAIGN_TRANSITIONS } from './transitions.ts';
export { completeEndedCampaigns, updateCampaign } from './update-campaign.ts';
