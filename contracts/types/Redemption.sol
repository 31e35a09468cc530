// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Requests to redeem that are fulfilled together: in one moment, at one price, in one proportion.
/// @param shares Shares requested; once fulfilled, those whose controllers have not taken up their part yet.
/// @param redeemed Shares redeemed, of those not taken up yet.
/// @param assets What they were redeemed for, of that not taken up yet; token units.
struct RedeemBatch {
    uint256 shares;
    uint256 redeemed;
    uint256 assets;
}

/// @notice What one controller has in redemption.
/// @param batch The batch that `shares` are in.
/// @param shares Pending in that batch.
/// @param laterShares Pending in the batch after it.
/// @param claimableShares Redeemed, not yet claimed.
/// @param claimableAssets What they were redeemed for, token units.
/// @param cancelledShares Taken out of their request, not yet claimed.
struct RedeemState {
    uint256 batch;
    uint256 shares;
    uint256 laterShares;
    uint256 claimableShares;
    uint256 claimableAssets;
    uint256 cancelledShares;
}
