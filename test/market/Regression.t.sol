// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {HistoryAggregator} from "../../contracts/mocks/HistoryAggregator.sol";
import {Order, OrderRequest} from "../../contracts/types/Order.sol";
import {MarketFixture} from "../shared/MarketFixture.sol";

/// @notice One test for each fault once found.
contract RegressionTest is MarketFixture {
    uint256 private constant PRICE = 2_000e18;

    address private _alice = makeAddr("alice");
    address private _bob = makeAddr("bob");
    address private _lp = makeAddr("lp");

    function setUp() public {
        _deployMarket(6, PRICE);
        _deposit(_lp, 20_000_000e6);
        _fund(_alice, 2_000_000e6);
        _fund(_bob, 100_000e6);
    }

    /// @notice An order whose settler reverts for ever holds its position's collateral for ever: a short so small that
    /// its impact exceeds its quote must fail by name and be refunded.
    function test_aDustShortIsRefused() public {
        _trade(_alice, _request(0, -1e18, 1_000e6), PRICE);
        uint256 id = _trade(_bob, _request(0, -1, 1_000e6), PRICE);
        assertEq(market.ownerOrZero(id), address(0));
        assertEq(token.balanceOf(_bob), 100_000e6 - 0.1e6);
    }

    function test_aDustIncreaseOfAShortIsRefusedOrFilled() public {
        uint256 id = _trade(_alice, _request(0, -1e18, 1_000e6), PRICE);
        _trade(_alice, _request(id, -1, 0), PRICE);
        assertLe(market.position(id).size, -1e18);
    }

    /// @notice The largest size there is must fail at the cap, not in the arithmetic behind it.
    function test_theLargestOrderIsRefused() public {
        _deployMarket(18, 1_000_000e18);
        _deposit(_lp, 20_000_000e18);
        _fund(_alice, 100_000e18);
        uint256 id = _trade(_alice, _request(0, type(int112).max, 1_000e18), 1_000_000e18);
        assertEq(market.ownerOrZero(id), address(0));
        assertEq(token.balanceOf(_alice), 100_000e18 - 0.1e18);
    }

    /// @notice A position whose entry notional would not fit its slot must fail by name, however rich the pool.
    function test_anEntryNotionalBeyondItsSlotIsRefused() public {
        _deployMarket(18, 1e18);
        _deposit(_lp, type(uint96).max);
        _fund(_alice, 1e34);
        // Small at the index price, which has come down again since the fixing at the highest price there is.
        (, Order memory order) = _commit(_alice, _request(0, 6e28, 1e33));
        vm.warp(block.timestamp + SETTLEMENT_DELAY + 1);
        uint80 fixing = _pushRound(1_000_000e18);
        vm.warp(vm.getBlockTimestamp() + 60);
        _pushRound(1e18);
        _settle(order, fixing, keeper);
        assertEq(market.ownerOrZero(order.positionId), address(0));
        assertEq(token.balanceOf(_alice), 1e34 - 0.1e18);
    }

    /// @notice The pool takes no more than the market can record, and says so beforehand.
    function test_aPoolBeyondItsSlotIsRefused() public {
        _deployMarket(18, 1e18);
        _deposit(_lp, type(uint96).max - 5);
        assertEq(pool.maxDeposit(_lp), 5);
        _fund(_lp, 6);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxDeposit.selector, _lp, uint256(6), uint256(5))
        );
        vm.prank(_lp);
        pool.deposit(6, _lp);
    }

    /// @notice The collateral of a position that changes hands before it opens goes to the new owner.
    function test_aPositionTransferredBeforeItOpensIsRefunded() public {
        (, Order memory order) = _commit(_alice, _request(0, 1e18, 1_000e6));
        vm.prank(_alice);
        market.transferFrom(_alice, _bob, order.positionId);
        vm.warp(block.timestamp + SETTLEMENT_DELAY + 1);
        _settle(order, _pushRound(PRICE), keeper);
        assertEq(market.ownerOrZero(order.positionId), address(0));
        assertEq(vault.totalBalance(), 0);
        assertEq(token.balanceOf(_bob), 101_000e6);
    }

    /// @notice A new owner pays nothing for an order of the previous one, also where the order has no price.
    function test_aNewOwnerPaysNoFeeForAnOrderWithoutPrice() public {
        uint256 id = _trade(_alice, _request(0, 1e18, 1_000e6), PRICE);
        (, Order memory order) = _commit(_alice, _request(id, 0, 0));
        vm.prank(_alice);
        market.transferFrom(_alice, _bob, id);
        uint256 balance = vault.balanceOf(id);
        vm.warp(block.timestamp + SETTLEMENT_DELAY + 1);
        _settle(order, _pushRound(0), keeper);
        assertEq(vault.balanceOf(id), balance);
    }

    /// @notice Fees of failing orders paid to oneself are no way to take out margin that the position needs.
    function test_feesOfFailedOrdersLeaveTheMaintenanceMargin() public {
        (uint256 id, Order[] memory orders) = _leveragedWithFailingOrders();
        uint80 roundId = _pushRound(PRICE);
        for (uint256 i; i < orders.length; ++i) _settle(orders[i], roundId, _alice);
        assertGt(vault.claimOf(_alice), 0);
        assertFalse(_isLiquidatable(id));
    }

    function test_feesOfFailedOrdersTakeNothingFromALiquidatablePosition() public {
        (uint256 id, Order[] memory orders) = _leveragedWithFailingOrders();
        uint80 roundId = _pushRound((PRICE * 98) / 100);
        assertTrue(_isLiquidatable(id));
        uint256 balance = vault.balanceOf(id);
        for (uint256 i; i < orders.length; ++i) _settle(orders[i], roundId, _alice);
        assertEq(vault.balanceOf(id), balance);
    }

    function test_feesOfFailedOrdersTakeNothingFromAnOpenPositionWithoutAPrice() public {
        (uint256 id, Order[] memory orders) = _leveragedWithFailingOrders();
        uint80 roundId = _pushRound(0);
        uint256 balance = vault.balanceOf(id);
        for (uint256 i; i < orders.length; ++i) _settle(orders[i], roundId, _alice);
        assertEq(vault.balanceOf(id), balance);
    }

    /// @notice No free option: an order that has its fixing is not released because a later round is no observation.
    function test_anOrderWithItsFixingIsNotReleased() public {
        (bytes32 orderId, Order memory order) = _commit(_alice, _request(0, 1e18, 1_000e6));
        vm.warp(block.timestamp + SETTLEMENT_DELAY + 1);
        uint80 roundId = _pushRound((PRICE * 9) / 10);
        vm.warp(order.deadline + 1);
        uint64 next = uint64(aggregator.latestRound() + 1);
        aggregator.pushRaw(next, 1_800e8, uint40(block.timestamp), uint40(block.timestamp), next - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSettleable.selector, orderId));
        book.expire(order);
        _settle(order, roundId, keeper);
    }

    /// @notice An order committed in a phase without a round settles, as void, though the aggregator before it goes on.
    function test_anOrderOfAPhaseWithoutRoundsIsNotStuck() public {
        HistoryAggregator old = aggregator;
        aggregator = new HistoryAggregator(8, "ETH / USD");
        feed.setAggregator(aggregator);
        (, Order memory order) = _commit(_alice, _request(0, 1e18, 1_000e6));
        vm.warp(block.timestamp + SETTLEMENT_DELAY + 1);
        old.push(2, 2_000e8, uint40(block.timestamp), uint40(block.timestamp));
        vm.warp(block.timestamp + FALLBACK_DELAY);
        _settle(order, _pushRound(PRICE), keeper);
        assertEq(market.ownerOrZero(order.positionId), address(0));
    }

    /// @notice A preview gives what the deposit or mint then does, also where carry has to be accrued first.
    function test_poolPreviewsAreExactAfterTime() public {
        uint256 id = _trade(_alice, _request(0, 2_000e18, 1_000_000e6), PRICE);
        assertEq(market.position(id).size, 2_000e18);
        vm.warp(block.timestamp + 1 days);
        _pushRound(PRICE);
        _fund(_lp, 3_000e6);
        uint256 shares = pool.previewDeposit(1_000e6);
        vm.prank(_lp);
        assertEq(pool.deposit(1_000e6, _lp), shares);
        vm.warp(vm.getBlockTimestamp() + 1 days);
        _pushRound(PRICE);
        uint256 assets = pool.previewMint(shares);
        vm.prank(_lp);
        assertEq(pool.mint(shares, _lp), assets);
    }

    /// @dev Opens 100,000 near the initial margin and commits orders with the greatest fee that can't fill.
    function _leveragedWithFailingOrders() private returns (uint256 id, Order[] memory orders) {
        id = _trade(_alice, _request(0, 50e18, 2_900e6), PRICE);
        orders = new Order[](60);
        for (uint256 i; i < 60; ++i) {
            OrderRequest memory request = _request(id, 1e18, 0);
            request.acceptablePrice = 1;
            request.executionFee = 50e6;
            (, orders[i]) = _commit(_alice, request);
        }
        vm.warp(block.timestamp + SETTLEMENT_DELAY + 1);
    }

    function _isLiquidatable(uint256 id) private view returns (bool) {
        uint256[] memory ids = new uint256[](1);
        ids[0] = id;
        return lens.positions(market, ids)[0].liquidatable;
    }
}
