// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpLens} from "../../contracts/interfaces/IPerpLens.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {PerpMarket} from "../../contracts/market/PerpMarket.sol";
import {LiquidityVault} from "../../contracts/vaults/LiquidityVault.sol";
import {InsuranceFund} from "../../contracts/vaults/InsuranceFund.sol";
import {MarginVault} from "../../contracts/vaults/MarginVault.sol";
import {UnrulyToken} from "../../contracts/mocks/UnrulyToken.sol";
import {PoolYield} from "../../contracts/types/PoolYield.sol";
import {Position, Side} from "../../contracts/types/Position.sol";
import {BaseTest} from "../shared/BaseTest.sol";
import {Unwinder} from "./Unwinder.sol";

/// @notice The properties that hold between any two actions, one function each.
abstract contract Properties is BaseTest {
    Unwinder internal handler;
    PerpMarket internal market;
    MarginVault internal vault;
    LiquidityVault internal pool;
    InsuranceFund internal insurance;
    UnrulyToken internal token;

    function _watch(Unwinder handler_) internal {
        handler = handler_;
        market = handler_.market();
        vault = handler_.vault();
        pool = handler_.pool();
        insurance = handler_.insurance();
        token = handler_.token();
        targetContract(address(handler_));
        targetSelector(FuzzSelector(address(handler_), handler_.actions()));
    }

    /// @notice All of them.
    function requireAll() public view {
        uint256[] memory ids = handler.liveIds();
        (uint256 price, , ) = handler.oracle().peek();
        marginVaultHoldsExactlyWhatItOwes();
        positionBalancesSumUp(ids);
        claimsSumUp();
        poolAndInsuranceHoldWhatTheyRecord();
        redemptionsAreBacked();
        noTokenIsLostOrMade();
        sideSumsAreExact(ids);
        traderResultIsTheSumOfPositions(ids, price);
        fundingRateIsBounded();
        poolAssetsAreTheirCounters();
        accruedCarryIsSettledOrOwed(price);
        solvencyVerdictIsTheBruteForceOne(price);
        viewsNeverRevert(ids, price);
    }

    /// @notice I01: the margin vault holds what it owes, and beyond it only what was donated.
    function marginVaultHoldsExactlyWhatItOwes() public view {
        uint256 owed = vault.totalBalance() + vault.totalClaim();
        assertEq(token.balanceOf(address(vault)), owed + handler.donatedToVault(), "I01");
    }

    /// @notice I01: totalBalance is the sum of the balances of live positions.
    function positionBalancesSumUp(uint256[] memory ids) public view {
        uint256 sum;
        for (uint256 i; i < ids.length; ++i) sum += vault.balanceOf(ids[i]);
        assertEq(sum, vault.totalBalance(), "I01: balances");
    }

    /// @notice I19: totalClaim is the sum of the claims of all accounts.
    function claimsSumUp() public view {
        uint256 sum = vault.claimOf(address(pool)) + vault.claimOf(address(insurance));
        for (uint256 i; i < 11; ++i) sum += vault.claimOf(handler.accounts(i));
        assertEq(sum, vault.totalClaim(), "I19: claims");
    }

    /// @notice I04, I18, I29: pool and insurance hold what they record, and beyond it only what was donated.
    function poolAndInsuranceHoldWhatTheyRecord() public view {
        assertEq(
            token.balanceOf(address(pool)),
            pool.cash() + pool.reservedAssets() + handler.donatedToPool(),
            "I04"
        );
        assertEq(
            token.balanceOf(address(insurance)),
            insurance.reserve() + handler.donatedToInsurance(),
            "I29"
        );
    }

    /// @notice I41: the vault holds every share in redemption, and has set aside what the redeemed ones are owed, but for
    /// the unit that goes to the last to come.
    function redemptionsAreBacked() public view {
        uint256 shares;
        uint256 assets;
        for (uint256 i; i < 2; ++i) {
            address controller = handler.accounts(6 + i);
            shares += pool.pendingRedeemRequest(0, controller);
            assets += pool.maxWithdraw(controller);
        }
        assertApproxEqAbs(pool.balanceOf(address(pool)), shares, 4, "I41: shares");
        assertLe(assets, pool.reservedAssets(), "I41: assets");
        assertApproxEqAbs(assets, pool.reservedAssets(), 4, "I41: assets set aside for nobody");
    }

    /// @notice I07: wallets and vaults together hold every token there is: no other place has any.
    function noTokenIsLostOrMade() public view {
        uint256 sum =
            token.balanceOf(address(vault)) +
                token.balanceOf(address(pool)) +
                token.balanceOf(address(insurance));
        for (uint256 i; i < 11; ++i) sum += token.balanceOf(handler.accounts(i));
        assertEq(sum, token.totalSupply(), "I07");
    }

    /// @notice I05: each side's open interest, entry notional and carry sum are its positions', to the unit.
    function sideSumsAreExact(uint256[] memory ids) public view {
        uint256[2] memory size;
        uint256[2] memory entry;
        int256[2] memory carry;
        for (uint256 i; i < ids.length; ++i) {
            Position memory p = market.position(ids[i]);
            uint256 k = p.size > 0 ? 0 : 1;
            size[k] += FixedMath.abs(p.size);
            entry[k] += p.entryNotional;
            carry[k] += int256(FixedMath.abs(p.size)) * p.carryIndex;
        }
        for (uint256 k; k < 2; ++k) {
            Side memory s = market.side(k == 0);
            assertEq(s.openInterest, size[k], "I05: open interest");
            assertEq(s.entryNotional, entry[k], "I05: entry notional");
            assertEq(s.carrySum, carry[k], "I05: carry sum");
        }
    }

    /// @notice I06, I08: net trader PnL and carry from the side sums are those of the positions, but for a unit each;
    /// rounding always counts for the pool.
    function traderResultIsTheSumOfPositions(uint256[] memory ids, uint256 price) public view {
        if (price == 0) return;
        (int256 netPnl, int256 carry) = market.traderResult(price);
        int256 pnlSum;
        int256 carrySum;
        for (uint256 i; i < ids.length; ++i) {
            pnlSum += handler.pnlOf(ids[i], price);
            carrySum += handler.carryOf(ids[i], price);
        }
        int256 slack = int256(ids.length) + 2;
        assertLe(pnlSum, netPnl, "I06: positions are worth more than their sides");
        assertGe(pnlSum, netPnl - slack, "I06: drift");
        assertGe(carrySum, carry, "I08: positions owe less than their sides");
        assertLe(carrySum, carry + slack, "I08: drift");
    }

    /// @notice I21: the funding rate stays inside its bound.
    function fundingRateIsBounded() public view {
        assertLe(FixedMath.abs(market.carry().fundingRate), market.params().maxFundingRate, "I21");
    }

    /// @notice I39: the pool has what LPs and others brought and what its counters say, to the unit.
    function poolAssetsAreTheirCounters() public view {
        PoolYield memory y = market.poolYield();
        uint256 gained = uint256(y.fees) + y.pnlReceived + y.carryReceived + y.insured;
        uint256 lost = uint256(y.pnlPaid) + y.carryPaid + y.badDebt + y.rewards;
        int256 brought = handler.lpFlow() + int256(handler.creditedToPool());
        assertEq(int256(pool.poolAssets()), brought + int256(gained) - int256(lost), "I39: pool assets");
    }

    /// @notice I40: carry that accrued was settled or is owed, but for roundings.
    function accruedCarryIsSettledOrOwed(uint256 price) public view {
        if (price == 0) return;
        PoolYield memory y = market.poolYieldAt(price);
        (, int256 owed) = market.traderResult(price);
        int256 accrued = int256(uint256(y.borrow) + y.fundingReceived) - int256(uint256(y.fundingPaid));
        int256 settled = int256(uint256(y.carryReceived)) - int256(uint256(y.carryPaid));
        // Three more for what is not yet stored, two for the sides' sums.
        assertApproxEqAbs(accrued, settled + owed, handler.roundings() + 5, "I40: carry");
    }

    /// @notice I16, I30: the lens' verdict is the one a brute-force sum gives, and the worst payout can be paid.
    function solvencyVerdictIsTheBruteForceOne(uint256 price) public view {
        IPerpLens.Solvency memory s = handler.lens().solvency(market);
        assertEq(s.price, price, "I30: price");
        assertLe(s.worstCasePayout, pool.poolAssets(), "I16");
        bool solvent =
            token.balanceOf(address(vault)) >= vault.totalBalance() + vault.totalClaim() &&
                token.balanceOf(address(pool)) >= pool.cash() + pool.reservedAssets() &&
                token.balanceOf(address(insurance)) >= insurance.reserve();
        assertEq(s.solvent, solvent, "I30: verdict");
        assertTrue(s.solvent, "I30: insolvent");
        assertEq(s.longOpenInterest + s.shortOpenInterest, _openInterest(), "I30: open interest");
    }

    /// @notice I36: views answer in every state, for every id and at extreme prices, and agree with the rule.
    function viewsNeverRevert(uint256[] memory ids, uint256 price) public view {
        pool.totalAssets();
        pool.maxDeposit(address(this));
        pool.maxMint(address(this));
        pool.maxWithdraw(handler.accounts(6));
        pool.maxRedeem(handler.accounts(6));
        pool.previewMint(1e12);
        pool.isFulfillable();
        uint256[] memory asked = new uint256[](2);
        asked[0] = type(uint256).max;
        if (ids.length != 0) asked[1] = ids[handler.calls() % ids.length];
        IPerpLens.PositionView memory v = handler.lens().positions(market, asked)[1];
        handler.lens().positionsAt(market, asked, 0);
        handler.lens().positionsAt(market, asked, 1e30);
        if (v.size == 0 || price == 0) return;
        assertEq(v.equity, handler.equityOf(v.id, price), "I36: equity");
        assertEq(v.liquidatable, v.equity < int256(handler.maintenanceOf(v.id, price)), "I36: verdict");
        _requireExactThreshold(v, handler.lens().prices(market, asked)[1].liquidationPrice);
    }

    /// @notice Nothing is left of any position once all have closed.
    function requireEmpty() public view {
        assertEq(vault.totalBalance(), 0, "collateral left");
        for (uint256 k; k < 2; ++k) {
            Side memory s = market.side(k == 0);
            assertEq(s.openInterest, 0, "I05: open interest left");
            assertEq(s.entryNotional, 0, "I05: entry notional left");
            assertEq(s.carrySum, 0, "I05: carry sum left");
        }
    }

    /// @dev A29: liquidatable at the liquidation price, and not one wad unit nearer.
    function _requireExactThreshold(IPerpLens.PositionView memory v, uint256 p) private view {
        if (p == 0 || p >= 1e30) return;
        assertTrue(_liquidatableAt(v, p), "A29: not liquidatable at its liquidation price");
        assertFalse(_liquidatableAt(v, v.size > 0 ? p + 1 : p - 1), "A29: liquidatable before it");
    }

    function _liquidatableAt(IPerpLens.PositionView memory v, uint256 price) private view returns (bool) {
        uint256[] memory asked = new uint256[](1);
        asked[0] = v.id;
        return handler.lens().positionsAt(market, asked, price)[0].liquidatable;
    }

    function _openInterest() private view returns (uint256) {
        return uint256(market.side(true).openInterest) + market.side(false).openInterest;
    }
}
