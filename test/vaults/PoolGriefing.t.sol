// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {MarketParams} from "../../contracts/types/MarketParams.sol";
import {Order} from "../../contracts/types/Order.sol";
import {PoolFixture} from "../shared/PoolFixture.sol";

/// @notice Makes calls in the middle of a transfer and counts which of them a reentrancy guard refused.
contract Prober {
    address private _target;
    bytes[] private _calls;
    uint256 public entered;
    uint256 public guarded;

    function plan(address target, bytes[] calldata calls) external {
        (_target, _calls, entered, guarded) = (target, calls, 0, 0);
    }

    function strike() external {
        for (uint256 i; i < _calls.length; ++i) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool ok, bytes memory result) = _target.call(_calls[i]);
            if (ok) ++entered;
            else if (bytes4(result) == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
                ++guarded;
        }
    }
}

/// @notice Attempts to keep the other providers from what is theirs: by calls in the middle of others, by dust, by
/// requests without end, by being first out.
contract PoolGriefingTest is PoolFixture {
    uint256 private constant HELD = 20_000_000e6;

    address private _attacker = makeAddr("attacker");
    address private _victim = makeAddr("victim");
    address private _holder = makeAddr("holder");
    address private _trader = makeAddr("trader");
    Prober private _prober = new Prober();

    /// @dev What the insurance fund keeps is reached soon.
    function _params() internal view override returns (MarketParams memory p) {
        p = super._params();
        p.insuranceTarget = uint128(50_000 * unit);
    }

    /* REENTRANCY */

    /// @notice Every function of the vault that changes anything, called in the middle of a transfer of each other one,
    /// is refused by the vault's guard.
    function test_theVaultIsNotEnteredTwice() public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        address prober = address(_prober);
        _deposit(prober, 1_000e6);
        _fund(prober, 100e6);
        // A claim, shares taken back and a request: nothing but the guard is in the way.
        _requestRedeem(prober, 1e14);
        _fulfillAt(PRICE);
        _requestRedeem(prober, 1e14);
        vm.prank(prober);
        pool.cancelRedeemRequest(0, prober);
        _requestRedeem(prober, 1e14);
        bytes[] memory calls = new bytes[](9);
        calls[0] = abi.encodeCall(pool.deposit, (10e6, prober));
        calls[1] = abi.encodeCall(pool.mint, (1e13, prober));
        calls[2] = abi.encodeCall(pool.withdraw, (1e6, prober, prober));
        calls[3] = abi.encodeCall(pool.redeem, (1e12, prober, prober));
        calls[4] = abi.encodeCall(pool.requestRedeem, (1e12, prober, prober));
        calls[5] = abi.encodeCall(pool.claimCancelRedeemRequest, (0, prober, prober));
        calls[6] = abi.encodeCall(pool.cancelRedeemRequest, (0, prober));
        calls[7] = abi.encodeCall(pool.collect, ());
        calls[8] = abi.encodeCall(pool.fulfillRedeems, ());
        _prober.plan(address(pool), calls);

        // All but redeeming a batch that is not due go through on their own.
        uint256 state = vm.snapshotState();
        _prober.strike();
        assertEq(_prober.entered(), 8, "control");
        vm.revertToState(state);

        _fund(_holder, 70_000_000e6);
        vm.prank(_holder);
        vault.fund(address(pool), 30_000_000e6);
        _requestRedeem(_holder, pool.balanceOf(_holder) / 2);
        _fulfillAt(PRICE);
        _fulfillAt(PRICE);
        _requestRedeem(_holder, pool.balanceOf(_holder));
        vm.prank(_holder);
        vault.fund(address(pool), 30_000_000e6);
        for (uint256 i; i < 6; ++i) {
            state = vm.snapshotState();
            // More than the cash: the claim has to be brought home.
            if (i == 0) {
                _observeAt(pool.fulfillableFrom() + 1, PRICE);
                assertTrue(pool.isFulfillable());
            }
            token.setHook(prober, abi.encodeCall(Prober.strike, ()));
            vm.startPrank(_holder);
            if (i == 0) pool.fulfillRedeems();
            else if (i == 1) pool.deposit(1e6, _holder);
            else if (i == 2) pool.mint(1e12, _holder);
            else if (i == 3) pool.withdraw(1e6, _holder, _holder);
            else if (i == 4) pool.redeem(1e12, _holder, _holder);
            else pool.collect();
            vm.stopPrank();
            assertGt(_prober.guarded(), 0, "no transfer");
            assertEq(_prober.guarded() % 9, 0, "not refused");
            assertEq(_prober.entered(), 0, "entered");
            vm.revertToState(state);
        }
    }

    /// @notice While the market moves the pool's money nobody deposits, collects or redeems a batch, and what goes
    /// through changes the value of no share.
    function test_theVaultTakesAndPaysNothingInTheMiddleOfATrade() public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        address prober = address(_prober);
        _deposit(prober, 1_000e6);
        uint256 id = _open(_trader, 1_000e18, 2_000_000e6);
        _requestRedeem(prober, 1e14);
        bytes[] memory calls = new bytes[](4);
        calls[0] = abi.encodeCall(pool.deposit, (10e6, prober));
        calls[1] = abi.encodeCall(pool.mint, (1e13, prober));
        calls[2] = abi.encodeCall(pool.collect, ());
        calls[3] = abi.encodeCall(pool.fulfillRedeems, ());
        _prober.plan(address(pool), calls);
        _fund(prober, 100e6);
        _observeAt(pool.fulfillableFrom() - 30, PRICE);
        (, Order memory order) = _commit(_trader, _request(id, 0, 0));
        _observeAt(pool.fulfillableFrom() + 1, 2_400e18);
        uint80 round = (uint80(feed.phaseId()) << 64) | uint80(aggregator.latestRound());
        assertTrue(pool.isFulfillable());
        token.setHook(prober, abi.encodeCall(Prober.strike, ()));
        // The profit is more than the pool's claim: its cash is moved.
        _settle(order, round, keeper);
        assertGt(_prober.guarded(), 0, "no transfer");
        assertEq(_prober.entered(), 0, "entered");
        token.setHook(address(0), "");
        assertEq(market.position(id).size, 0, "closed all the same");
    }

    /* GRIEFING */

    /// @notice Dust in the victim's name neither delays what the victim requests nor changes what it brings, and comes
    /// on top.
    function test_dustInAnothersNameHarmsNobody() public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        uint256 shares = _deposit(_victim, 1_000_000e6);
        _deposit(_attacker, 1_000e6);
        for (uint256 round; round < 2; ++round) {
            uint256 state = vm.snapshotState();
            // A batch is open; the victim is in the next one, with dust or without.
            _requestRedeem(_holder, 1e12);
            if (round == 1) _dust();
            _requestRedeem(_victim, shares);
            if (round == 1) _dust();
            _fulfillAt(PRICE);
            if (round == 1) _dust();
            _fulfillAt(PRICE);
            uint256 got = _claim(_victim);
            assertGe(got + 1, 1_000_000e6, "delayed");
            assertLe(got, 1_000_000e6 + 100, "more than the dust");
            vm.revertToState(state);
        }
        // In the way of a cancellation it is only until somebody redeems the batch: the victim can.
        _dust();
        _requestRedeem(_victim, shares);
        _observeAt(pool.fulfillableFrom() + 1, PRICE);
        vm.expectRevert(abi.encodeWithSelector(Errors.RedeemBatchDue.selector, uint256(1)));
        vm.prank(_victim);
        pool.cancelRedeemRequest(0, _victim);
        vm.prank(_victim);
        pool.fulfillRedeems();
        assertGe(_cancel(_victim), shares, "taken back");
    }

    function _dust() private {
        for (uint256 i; i < 20; ++i) {
            vm.prank(_attacker);
            pool.requestRedeem(1 + i, _victim, _attacker);
        }
    }

    /// @notice Shares sent to the vault are lost to their owner and nobody else's gain: no request has them.
    function test_sharesSentToTheVaultAreNobodys() public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        uint256 shares = _deposit(_attacker, 1_000_000e6);
        uint256 before = _perShare();
        _requestRedeem(_holder, 1e18);
        vm.prank(_attacker);
        pool.transfer(address(pool), shares);
        assertEq(_perShare(), before);
        (uint256 redeemed, ) = _fulfillAt(PRICE);
        assertEq(redeemed, 1e18);
        assertEq(pool.balanceOf(address(pool)), shares);
        assertEq(_perShare(), before);
    }

    /// @notice Who can't be paid keeps nobody else from being paid, and can be paid elsewhere.
    function test_aBlockedReceiverBlocksNobody() public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        _deposit(_victim, 1_000e6);
        _deposit(_attacker, 1_000e6);
        _requestRedeem(_attacker, 1e12);
        _requestRedeem(_attacker, pool.balanceOf(_attacker));
        _requestRedeem(_victim, pool.balanceOf(_victim));
        token.setBlocked(_attacker, true);
        _fulfillAt(PRICE);
        _fulfillAt(PRICE);
        vm.expectRevert();
        vm.prank(_attacker);
        pool.withdraw(1e6, _attacker, _attacker);
        assertEq(_claim(_victim), 1_000e6);
        uint256 owed = pool.maxWithdraw(_attacker);
        vm.prank(_attacker);
        pool.withdraw(owed, treasury, _attacker);
        assertEq(token.balanceOf(treasury), 1_000e6);
    }

    /// @notice Requests and cancellations without end delay nobody for more than two periods and a round of prices.
    /// hardhat-config: fuzz.runs = 30
    function testFuzz_spamDelaysNobody(uint256 seed) public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        uint256 shares = _deposit(_victim, 1_000e6);
        _deposit(_attacker, 1_000e6);
        uint256 asked;
        for (uint256 i; i < 60; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            _observeAt(vm.getBlockTimestamp() + 5 minutes, PRICE);
            if (pool.isFulfillable()) pool.fulfillRedeems();
            for (uint256 k; k < 3; ++k) _spam(random >> (8 * k));
            if (asked == 0 && (random >> 64) % 8 == 0) {
                asked = vm.getBlockTimestamp();
                _requestRedeem(_victim, shares);
            }
            if (asked != 0 && pool.pendingRedeemRequest(0, _victim) == 0) return;
            if (asked != 0)
                assertLe(vm.getBlockTimestamp(), asked + 2 * REDEMPTION_PERIOD + 10 minutes, "delayed");
        }
    }

    function _spam(uint256 random) private {
        if (random % 3 == 0 && pool.pendingRedeemRequest(0, _attacker) != 0) {
            _cancel(_attacker);
        } else {
            uint256 held = pool.balanceOf(_attacker);
            if (held != 0) _requestRedeem(_attacker, random % 2 == 0 ? 1 : held);
        }
    }

    /* FIRST OUT */

    /// @notice Two with the same shares in one batch get the same from it, to a unit, while a fall of 40 % takes the pool's
    /// money and the batch is paid in parts; whatever the order of their calls. Who asked once the fall had begun is
    /// not out before them, and who stays is not the worse for it.
    /// hardhat-config: fuzz.runs = 60
    function testFuzz_nobodyIsFirstOutInACrash(uint256 seed, uint256 each) public {
        _deployMarket(6, PRICE);
        each = _bound(each, 10_000e6, 9_000_000e6);
        uint256 shares = _deposit(_victim, each);
        _deposit(_attacker, each);
        uint256 late = _deposit(treasury, each);
        _deposit(_holder, HELD);
        // The pool loses when the price falls; at first next to nothing of it is free.
        _open(_trader, -int256((pool.cash() * 0.79e12) / 2_000), 60_000_000e6);
        _requestRedeem(_holder, 1e12);
        (address a, address b) = seed % 2 == 0 ? (_attacker, _victim) : (_victim, _attacker);
        _requestRedeem(a, shares);
        _requestRedeem(b, shares);
        uint256 price = PRICE;
        for (uint256 i; i < 8; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            price = (price * 94) / 100;
            uint256 from = pool.fulfillableFrom();
            _observeAt((from > vm.getBlockTimestamp() ? from : vm.getBlockTimestamp()) + 1, price);
            uint256 before = _perShare();
            if (pool.isFulfillable()) pool.fulfillRedeems();
            // Burning rounds the share price up.
            assertGe(_perShare(), before, "those who stay");
            if (i == 0) _requestRedeem(treasury, late);
            if (random % 4 == 1) _claim(_attacker);
            if (random % 4 == 2) _claim(_victim);
            if (random % 4 == 3) _requestRedeem(_holder, 1 + ((random >> 8) % 1e18));
            assertApproxEqAbs(_outOf(a), _outOf(b), 1 + i, "first out");
            assertApproxEqAbs(
                pool.pendingRedeemRequest(0, a),
                pool.pendingRedeemRequest(0, b),
                1 + i,
                "pending"
            );
            assertLe(_outOf(treasury), _outOf(a), "late and out before");
        }
        _claim(_attacker);
        _claim(_victim);
        assertApproxEqAbs(token.balanceOf(_attacker), token.balanceOf(_victim), 9, "first out");
    }

    function _outOf(address provider) private view returns (uint256) {
        return token.balanceOf(provider) + pool.maxWithdraw(provider);
    }
}
