// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How far the redemptions of the pool are; see ILiquidityVault. One slot.
struct RedeemQueue {
    uint64 currentBatch;
    uint64 fulfillableFrom;
    uint128 reservedAssets;
}

/// @notice Requests to redeem that are fulfilled together: in one moment, at one price, in one proportion.
/// @param shares Shares requested; once fulfilled, those whose controllers have not taken up their part yet.
/// @param redeemed Shares redeemed, of those not taken up yet.
/// @param assets What they were redeemed for, of that not taken up yet; token units.
struct RedeemBatch {
    uint128 shares;
    uint128 redeemed;
    // slot
    uint128 assets;
}

/// @notice What one controller has in redemption.
/// @param shares Pending in `batch`.
/// @param batch The batch that `shares` are in.
/// @param claimableShares Redeemed, not yet claimed.
/// @param claimableAssets What they were redeemed for, token units.
/// @param laterShares Pending in the batch after `batch`.
/// @param cancelledShares Taken out of their request, not yet claimed.
struct RedeemState {
    uint128 shares;
    uint64 batch;
    // slot
    uint128 claimableShares;
    uint128 claimableAssets;
    // slot
    uint128 laterShares;
    uint128 cancelledShares;
}
