// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IERC7540Operator, IERC7540Redeem, IERC7887Redeem} from "../../contracts/interfaces/IERC7540.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {PoolStates} from "../properties/PoolStates.sol";

/// @notice The liquidity vault as ERC-7540 has it on the way out, in whatever state the pool is.
contract ERC7540VaultTest is PoolStates {
    address private _operator = makeAddr("operator");

    /* WHAT IT SAYS IT IS */

    /// @notice The ids of ERC-165, ERC-7575, of operators, asynchronous redemption and its cancellation; no others.
    function testFuzz_saysWhatItIs(bytes4 id) public view {
        bytes4[5] memory known = [
            bytes4(0x01ffc9a7),
            bytes4(0x2f0a18c5),
            bytes4(0xe3bc4e65),
            bytes4(0x620ee8e4),
            bytes4(0xe76cffc7)
        ];
        bool among;
        for (uint256 i; i < 5; ++i) {
            assertTrue(pool.supportsInterface(known[i]));
            among = among || id == known[i];
        }
        assertEq(pool.supportsInterface(id), among);
        // Neither that of nothing nor that of asynchronous deposits.
        assertFalse(pool.supportsInterface(0xffffffff));
        assertFalse(pool.supportsInterface(0xce3bbe50));
        assertEq(pool.share(), address(pool));
    }

    function testFuzz_previewsOfRedemptionsAlwaysRevert(uint256 seed, uint256 amount) public {
        _enterAny(seed);
        vm.expectRevert(Errors.PreviewUnavailable.selector);
        pool.previewRedeem(amount);
        vm.expectRevert(Errors.PreviewUnavailable.selector);
        pool.previewWithdraw(amount);
    }

    /// @notice What is asked about redemptions never reverts, and requests other than 0 are empty.
    function testFuzz_viewsNeverRevert(uint256 seed, uint256 id, address account) public {
        _enterAny(seed);
        address[4] memory accounts = [_lp, _bob, _carol, account];
        for (uint256 i; i < 4; ++i) {
            assertEq(pool.maxRedeem(accounts[i]), pool.claimableRedeemRequest(0, accounts[i]));
            pool.maxWithdraw(accounts[i]);
            pool.pendingRedeemRequest(0, accounts[i]);
            assertFalse(pool.pendingCancelRedeemRequest(id, accounts[i]));
            pool.claimableCancelRedeemRequest(0, accounts[i]);
            if (id == 0) continue;
            assertEq(pool.pendingRedeemRequest(id, accounts[i]), 0);
            assertEq(pool.claimableRedeemRequest(id, accounts[i]), 0);
            assertEq(pool.claimableCancelRedeemRequest(id, accounts[i]), 0);
        }
    }

    /* REQUEST */

    /// @notice A request takes the owner's shares at once and puts them into the controller's pending ones: id 0.
    function testFuzz_requestsTakeTheOwnersShares(uint256 seed, address controller, uint256 shares) public {
        _enterAny(seed);
        vm.assume(controller != address(0) && controller != address(pool));
        uint256 held = pool.balanceOf(_lp);
        if (held == 0) return;
        shares = bound(shares, 1, held);
        uint256 inPool = pool.balanceOf(address(pool));
        uint256 pending = pool.pendingRedeemRequest(0, controller);
        uint256 claimable = pool.maxRedeem(controller);
        vm.expectEmit(address(pool));
        emit IERC7540Redeem.RedeemRequest(controller, _lp, 0, _lp, shares);
        vm.expectEmit(address(pool));
        emit IERC20.Transfer(_lp, address(pool), shares);
        vm.prank(_lp);
        assertEq(pool.requestRedeem(shares, controller, _lp), 0);
        assertEq(pool.balanceOf(_lp), held - shares);
        assertEq(pool.balanceOf(address(pool)), inPool + shares);
        assertEq(pool.pendingRedeemRequest(0, controller), pending + shares);
        assertEq(pool.maxRedeem(controller), claimable, "no claim before its fulfilment");
    }

    function testFuzz_requestsOfNothingOrTooMuchRevert(uint256 shares) public {
        uint256 held = _deposit(_bob, 1_000e6);
        vm.startPrank(_bob);
        vm.expectRevert(Errors.ZeroAmount.selector);
        pool.requestRedeem(0, _bob, _bob);
        vm.expectRevert(Errors.ZeroAddress.selector);
        pool.requestRedeem(1, address(0), _bob);
        shares = bound(shares, held + 1, type(uint256).max);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, _bob, held, shares)
        );
        pool.requestRedeem(shares, _bob, _bob);
        vm.stopPrank();
        assertEq(pool.pendingRedeemRequest(0, _bob), 0);
    }

    /// @notice Others request within an allowance, which that spends, or as operators, which spends none.
    function testFuzz_othersRequestByAllowanceOrAsOperators(uint256 allowed, uint256 shares) public {
        uint256 held = _deposit(_bob, 1_000e6);
        shares = bound(shares, 1, held);
        allowed = bound(allowed, 0, 2 * held);
        vm.prank(_bob);
        pool.approve(_carol, allowed);
        vm.startPrank(_carol);
        if (allowed < shares)
            vm.expectRevert(
                abi.encodeWithSelector(
                    IERC20Errors.ERC20InsufficientAllowance.selector,
                    _carol,
                    allowed,
                    shares
                )
            );
        pool.requestRedeem(shares, _carol, _bob);
        vm.stopPrank();
        bool done = allowed >= shares;
        assertEq(pool.allowance(_bob, _carol), done ? allowed - shares : allowed);
        assertEq(pool.pendingRedeemRequest(0, _carol), done ? shares : 0);
        assertEq(pool.pendingRedeemRequest(0, _bob), 0);
        if (pool.balanceOf(_bob) == 0) return;
        _setOperator(_bob, true);
        vm.prank(_bob);
        pool.approve(_operator, 7);
        vm.prank(_operator);
        pool.requestRedeem(1, _bob, _bob);
        assertEq(pool.allowance(_bob, _operator), 7);
        assertEq(pool.pendingRedeemRequest(0, _bob), 1);
    }

    function test_operatorsAreSetAndUnset() public {
        vm.expectEmit(address(pool));
        emit IERC7540Operator.OperatorSet(_bob, _operator, true);
        _setOperator(_bob, true);
        assertTrue(pool.isOperator(_bob, _operator));
        assertFalse(pool.isOperator(_operator, _bob));
        vm.expectEmit(address(pool));
        emit IERC7540Operator.OperatorSet(_bob, _operator, false);
        _setOperator(_bob, false);
        assertFalse(pool.isOperator(_bob, _operator));
    }

    /* CANCEL */

    /// @notice A cancellation gives all pending shares back, and nothing else moves.
    function testFuzz_cancelledSharesComeBack(uint256 seed, uint256 first, uint256 second) public {
        _enter(seed);
        uint256 held = pool.balanceOf(_lp);
        if (held < 2) return;
        first = bound(first, 1, held - 1);
        second = bound(second, 1, held - first);
        _requestRedeem(_lp, _bob, first);
        _requestRedeem(_lp, _bob, second);
        uint256 pending = pool.pendingRedeemRequest(0, _bob);
        uint256 claimable = pool.maxWithdraw(_bob);
        vm.prank(_carol);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotRequestOperator.selector, _bob, _carol));
        pool.cancelRedeemRequest(0, _bob);
        vm.prank(_bob);
        try pool.cancelRedeemRequest(0, _bob) {} catch (bytes memory reason) {
            assertEq(bytes4(reason), Errors.RedeemBatchDue.selector);
            assertTrue(pool.isFulfillable(), "only once there is a price");
            return;
        }
        assertEq(pool.pendingRedeemRequest(0, _bob), 0);
        assertEq(pool.claimableCancelRedeemRequest(0, _bob), pending);
        assertEq(pool.maxWithdraw(_bob), claimable);
        vm.prank(_lp);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotRequestOperator.selector, _bob, _lp));
        pool.claimCancelRedeemRequest(0, _lp, _bob);
        uint256 before = pool.balanceOf(_operator);
        vm.expectEmit(address(pool));
        emit IERC7887Redeem.CancelRedeemClaim(_bob, _operator, 0, _bob, pending);
        vm.startPrank(_bob);
        pool.claimCancelRedeemRequest(0, _operator, _bob);
        assertEq(pool.balanceOf(_operator), before + pending);
        assertEq(pool.claimableCancelRedeemRequest(0, _bob), 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.NothingRequested.selector, _bob));
        pool.cancelRedeemRequest(0, _bob);
        vm.expectRevert(abi.encodeWithSelector(Errors.NothingRequested.selector, _bob));
        pool.claimCancelRedeemRequest(0, _bob, _bob);
        vm.stopPrank();
    }

    /* FULFIL */

    /// @notice A batch is redeemed at the lowest value over the band, rounded down: all of it, or what the free money
    /// pays for; no price but one observed when it was due does it.
    function testFuzz_fulfilmentIsAtTheLowestValue(uint256 seed, uint256 shares, uint256 price) public {
        _enter(seed);
        if (pool.balanceOf(_lp) == 0) return;
        shares = bound(shares, 1, pool.balanceOf(_lp));
        _requestRedeem(_lp, _lp, shares);
        if (pool.pendingRedeemRequest(0, _bob) != 0 || pool.pendingRedeemRequest(0, _carol) != 0) return;
        if (pool.maxRedeem(_bob) != 0 || pool.maxRedeem(_carol) != 0) return;
        vm.warp(pool.fulfillableFrom() - 1);
        refresh();
        vm.warp(vm.getBlockTimestamp() + 10);
        assertFalse(pool.isFulfillable());
        vm.expectPartialRevert(Errors.RedeemBatchNotDue.selector);
        pool.fulfillRedeems();
        _await(bound(price, 1_000e18, 3_000e18));
        market.accrue();
        uint256 value = _low();
        uint256 worth = value == 0 ? 0 : _toAssets(shares, value, Math.Rounding.Floor);
        uint256 free = _free();
        uint256 supply = pool.totalSupply();
        uint256 expected =
            value == 0
                ? 0
                : worth > free
                    ? _toShares(free, value, Math.Rounding.Floor)
                    : shares;
        uint256 paid = value == 0 ? 0 : _toAssets(expected, value, Math.Rounding.Floor);
        (uint256 redeemed, uint256 assets) = pool.fulfillRedeems();
        assertEq(redeemed, expected, "redeemed");
        assertEq(assets, paid, "assets");
        assertLe(assets, free);
        assertEq(pool.totalSupply(), supply - redeemed);
        assertEq(pool.maxRedeem(_lp), redeemed);
        assertEq(pool.maxWithdraw(_lp), assets);
        assertEq(pool.pendingRedeemRequest(0, _lp), shares - redeemed);
        assertEq(pool.reservedAssets(), assets);
        vm.expectPartialRevert(Errors.RedeemBatchNotDue.selector);
        pool.fulfillRedeems();
    }

    /// @notice Who stays loses nothing to who leaves.
    function testFuzz_fulfilmentDilutesNobody(uint256 seed, uint256 shares, uint256 price) public {
        _enter(seed);
        if (pool.balanceOf(_lp) == 0) return;
        _requestRedeem(_lp, _lp, bound(shares, 1, pool.balanceOf(_lp)));
        _await(bound(price, 500e18, 9_000e18));
        market.accrue();
        uint256 worth = pool.convertToAssets(1e18);
        pool.fulfillRedeems();
        assertGe(pool.convertToAssets(1e18), worth);
    }

    /* CLAIM */

    /// @notice What is claimable stays what it is, whatever the price, and is paid without one.
    function testFuzz_claimsDependOnNoPrice(uint256 seed, uint256 later) public {
        if (!_enterClaimable(seed)) return;
        (uint256 shares, uint256 assets) = (pool.maxRedeem(_bob), pool.maxWithdraw(_bob));
        vm.warp(vm.getBlockTimestamp() + _pick(10 days));
        _observe(_pick(3) == 0 ? 0 : bound(later, 1e18, 1_000_000e18));
        assertEq(pool.maxRedeem(_bob), shares);
        assertEq(pool.maxWithdraw(_bob), assets);
        uint256 before = token.balanceOf(_carol);
        vm.expectEmit(address(pool));
        emit IERC4626.Withdraw(_bob, _carol, _bob, assets, shares);
        vm.prank(_bob);
        assertEq(pool.redeem(shares, _carol, _bob), assets);
        assertEq(token.balanceOf(_carol), before + assets);
        assertEq(pool.maxRedeem(_bob), 0);
        assertEq(pool.maxWithdraw(_bob), 0);
    }

    /// @notice The limits of a claim are true: one unit or share above them reverts by name, they themselves go through.
    function testFuzz_claimsGoUpToTheirLimits(uint256 seed, uint256 more, bool byAssets) public {
        _enter(seed);
        (uint256 shares, uint256 assets) = (pool.maxRedeem(_bob), pool.maxWithdraw(_bob));
        more = bound(more, 1, REASONABLE);
        vm.startPrank(_bob);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, _bob, shares + more, shares)
        );
        pool.redeem(shares + more, _bob, _bob);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, _bob, assets + more, assets)
        );
        pool.withdraw(assets + more, _bob, _bob);
        if (byAssets) assertEq(pool.withdraw(assets, _bob, _bob), assets == 0 ? 0 : shares);
        else assertEq(pool.redeem(shares, _bob, _bob), assets);
        vm.stopPrank();
        assertEq(pool.maxWithdraw(_bob), 0);
    }

    /// @notice Claims in parts, by shares or by assets, round for the pool at each step and come to the whole exactly.
    function testFuzz_partsSumUpToTheWhole(uint256 seed) public {
        if (!_enterClaimable(seed)) return;
        (uint256 shares, uint256 assets) = (pool.maxRedeem(_bob), pool.maxWithdraw(_bob));
        (uint256 left, uint256 owed, uint256 reserved) = (shares, assets, pool.reservedAssets());
        uint256 before = token.balanceOf(_bob);
        vm.startPrank(_bob);
        for (uint256 i; i < 8 && left != 0 && owed != 0; ++i) {
            uint256 part;
            uint256 paid;
            if (_pick(2) == 0) {
                part = 1 + _pick(i == 7 ? 1 : left);
                paid = pool.redeem(part, _bob, _bob);
                assertEq(paid, Math.mulDiv(part, owed, left));
            } else {
                paid = 1 + _pick(owed);
                part = pool.withdraw(paid, _bob, _bob);
                assertEq(part, Math.mulDiv(paid, left, owed, Math.Rounding.Ceil));
            }
            (left, owed) = (left - part, owed - paid);
            assertEq(pool.maxRedeem(_bob), left);
            assertEq(pool.maxWithdraw(_bob), owed);
        }
        if (left != 0) pool.redeem(left, _bob, _bob);
        else pool.withdraw(owed, _bob, _bob);
        vm.stopPrank();
        assertEq(token.balanceOf(_bob) - before, assets);
        assertEq(pool.reservedAssets(), reserved - assets);
        assertEq(pool.maxRedeem(_bob), 0);
        assertEq(pool.maxWithdraw(_bob), 0);
    }

    /// @notice Claims are the controller's and their operators': neither the owner's of the shares nor of an allowance.
    function testFuzz_onlyControllersAndOperatorsClaim(
        uint256 seed,
        address stranger,
        uint256 amount
    ) public {
        if (!_enterClaimable(seed)) return;
        vm.assume(stranger != _bob && stranger != _operator && stranger != address(0));
        vm.prank(_bob);
        pool.approve(stranger, type(uint256).max);
        uint256 assets = pool.maxWithdraw(_bob);
        amount = bound(amount, 0, assets);
        bytes memory denied = abi.encodeWithSelector(Errors.NotRequestOperator.selector, _bob, stranger);
        vm.startPrank(stranger);
        vm.expectRevert(denied);
        pool.withdraw(amount, stranger, _bob);
        vm.expectRevert(denied);
        pool.redeem(amount, stranger, _bob);
        vm.stopPrank();
        _setOperator(_bob, true);
        vm.prank(_operator);
        pool.withdraw(amount, _operator, _bob);
        assertEq(token.balanceOf(_operator), amount);
        _setOperator(_bob, false);
        vm.prank(_operator);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotRequestOperator.selector, _bob, _operator));
        pool.withdraw(0, _operator, _bob);
    }

    /* HELPERS */

    /// @dev A state in which bob has something to claim, of a batch of several controllers'. False if none came of it.
    function _enterClaimable(uint256 seed) private returns (bool) {
        _enter(seed);
        if (pool.balanceOf(_lp) == 0) return false;
        _requestRedeem(_lp, _lp, 1 + _pick(pool.balanceOf(_lp)));
        if (pool.balanceOf(_lp) != 0) _requestRedeem(_lp, _bob, 1 + _pick(pool.balanceOf(_lp)));
        if (pool.balanceOf(_lp) != 0) _requestRedeem(_lp, _carol, 1 + _pick(pool.balanceOf(_lp)));
        for (uint256 i; i < 2; ++i) {
            _await(PRICE);
            if (pool.isFulfillable()) pool.fulfillRedeems();
        }
        return pool.maxRedeem(_bob) != 0 && pool.maxWithdraw(_bob) != 0;
    }

    /// @dev What backs no position: at the specification's rule for what stays.
    function _free() private view returns (uint256) {
        uint256 assets = pool.poolAssets();
        uint256 locked = market.lockedAssets(_indexPrice());
        return assets > locked ? assets - locked : 0;
    }

    function _setOperator(address account, bool approved) private {
        vm.prank(account);
        assertTrue(pool.setOperator(_operator, approved));
    }
}
