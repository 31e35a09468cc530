// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {MarketParams} from "../../contracts/types/MarketParams.sol";
import {LiquidityVault} from "../../contracts/vaults/LiquidityVault.sol";
import {MarketFixture} from "../shared/MarketFixture.sol";

/// @notice Deploys the liquidity vault over a whole market that nobody trades in, for property suites of ERC-4626 and
/// ERC-7540. A suite creates one, calls `deploy`, and gets at shares that can be redeemed by `redeemableNow`.
contract QuietVaultFactory is MarketFixture {
    uint256 internal constant PRICE = 2_000e18;

    /// @notice A vault without shares, the token it takes, and a fresh price. Anyone mints and burns the token.
    function deploy() public returns (LiquidityVault, TestToken) {
        return deployWith(6);
    }

    /// @notice The same over a token with `tokenDecimals` decimals.
    function deployWith(uint8 tokenDecimals) public returns (LiquidityVault, TestToken) {
        _deployMarket(tokenDecimals, PRICE);
        return (pool, token);
    }

    /// @notice Observes the price again, now: deposits go on, and redemptions that are due can be fulfilled.
    function refresh() public {
        _observe(_indexPrice());
    }

    /// @notice Takes `shares` of `account` from request to claim, in its own name: if it had no request before,
    /// `maxRedeem(account)` grows by them.
    function redeemableNow(address account, uint256 shares) external {
        vm.prank(account);
        pool.requestRedeem(shares, account, account);
        fulfillAll();
    }

    /// @notice Fulfils what is requested: twice, since a request joins the batch after the one that waits.
    function fulfillAll() public {
        for (uint256 i; i < 2; ++i) {
            _await(_indexPrice());
            if (pool.isFulfillable()) pool.fulfillRedeems();
        }
    }

    /// @notice Real income of the pool, token units: what insurance has beyond its target. Tokens sent to the vault
    /// would be none, they don't count.
    function gain(uint256 amount) public {
        uint256 target = market.params().insuranceTarget;
        uint256 available = insurance.available();
        if (available < target) amount += target - available;
        if (amount == 0) return;
        token.mint(address(this), amount);
        token.approve(address(insurance), amount);
        insurance.donate(amount);
        insurance.releaseSurplus();
    }

    /// @dev Room for whatever amounts a suite comes up with: the cap at its bound.
    function _params() internal view virtual override returns (MarketParams memory params) {
        params = super._params();
        params.depositCap = type(uint96).max;
    }

    /// @dev Waits until the current batch is due and observes `price` then.
    function _await(uint256 price) internal {
        uint256 due = pool.fulfillableFrom();
        if (vm.getBlockTimestamp() < due) vm.warp(due);
        _observe(price);
    }

    /// @dev Observes `price`, wad, now. Reads the time from the runner: the compiler takes that of a call to stand still.
    function _observe(uint256 price) internal {
        uint40 time = uint40(vm.getBlockTimestamp());
        aggregator.push(uint64(aggregator.latestRound() + 1), int160(int256(price / 1e10)), time, time);
    }
}
